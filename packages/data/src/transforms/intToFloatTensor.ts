import { checkOptions } from "@layerwise/core";
import { TensorImage, TensorMask } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { DisplayedTransform } from "../displayedTransform.ts";
import { type JsonObject, transformRegistry } from "../transform.ts";

export interface IntToFloatTensorOptions {
  /** What pixels are divided by. @defaultValue 255 */
  div?: number;
  /** What mask values are divided by, for masks stored as 0 and 255. @defaultValue 1 */
  divMask?: number;
}

/** Turns pixels of 0…255 into floats of 0…1, and masks into whole class indices. */
export class IntToFloatTensor extends DisplayedTransform {
  override order = 10;
  readonly div: number;
  readonly divMask: number;

  constructor(options: IntToFloatTensorOptions = {}) {
    super();
    checkOptions("IntToFloatTensor", options, { div: true, divMask: true });
    const { div = 255, divMask = 1 } = options;
    this.div = div;
    this.divMask = divMask;
  }

  override toArgs(): JsonObject {
    return { div: this.div, divMask: this.divMask };
  }
}

// Decoding cuts off, as fastai does; the margin keeps 9.9999995, which was 10, from becoming 9.
const MARGIN = 1e-3;

IntToFloatTensor.on(
  TensorImage,
  (x, { div }) => x.with(tf.div(tf.cast(x.data, "float32"), div === 0 ? 1 : div)),
  (x, { div }) => (div === 0 ? x : x.with(tf.cast(tf.add(tf.mul(tf.clipByValue(x.data, 0, 1), div), MARGIN), "int32"))),
);
IntToFloatTensor.on(TensorMask, (x, { divMask }) => {
  if (divMask === 1) return x.data.dtype === "int32" ? x : x.with(tf.cast(x.data, "int32"));
  return x.with(tf.cast(tf.div(tf.cast(x.data, "float32"), divMask), "int32"));
});

transformRegistry.add("IntToFloatTensor", (args) => new IntToFloatTensor(args));
