import { Transform, transformRegistry } from "../transform.ts";

/**
 * Turns an item into numbers that can be stacked. Each domain says how: `ToTensor.on(ImageItem, (x) => new TensorData(...))`,
 * and `ToTensor.onData(TensorImage, null, (x) => new ImageItem(...))` for the way back.
 */
export class ToTensor extends Transform {
  override order = 5;
}

transformRegistry.add("ToTensor", () => new ToTensor());
