import { TensorData, TensorImage, TensorImageBW } from "@layerwise/core/tensor";
import { ToTensor } from "../src/transforms/toTensor.ts";

/** A picture as the vision package has one, for tests of what lies below it. */
export class Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;

  constructor(width: number, height: number, data: Uint8Array = new Uint8Array(width * height)) {
    this.width = width;
    this.height = height;
    this.data = data;
  }

  /** All pixels of one value. */
  static filled(value: number, size = 2): Picture {
    return new Picture(size, size, new Uint8Array(size * size).fill(value));
  }
}

ToTensor.on(Picture, ({ height, width, data }) => new TensorData(TensorImageBW, [height, width, 1], data));
ToTensor.onData(TensorImage, null, ({ shape, values }) => new Picture(shape[1]!, shape[0]!, Uint8Array.from(values)));
