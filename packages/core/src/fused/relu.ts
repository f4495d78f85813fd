import * as tf from "@tensorflow/tfjs-core";
import { type FusedOp, runFused } from "./fusedOp.ts";

/** Gradient of ReLU by its result `y`, and of ReLU6 with a `limit`: `dy` where `0 < y < limit`, else 0. */
export const reluGradOp: FusedOp<{ limit: number }> = {
  name: "LayerwiseReluGrad",
  outputs: 1,
  composed: ({ dy, y }, { limit }) => {
    const open = tf.step(y!);
    const inside = Number.isFinite(limit) ? tf.mul(open, tf.cast(tf.less(y!, limit), "float32")) : open;
    return [tf.mul(dy!, tf.cast(inside, "float32"))];
  },
};

/** Puts gradients made of one op in place of tfjs' three or four. */
export function registerReluGradients(): void {
  for (const [kernelName, limit] of [
    [tf.Relu, Number.POSITIVE_INFINITY],
    [tf.Relu6, 6],
  ] as const) {
    if (tf.getGradient(kernelName) !== undefined) tf.unregisterGradient(kernelName);
    tf.registerGradient({
      kernelName,
      outputsToSave: [true],
      gradFunc: (dy, saved) => ({
        x: () => runFused(reluGradOp, { dy: dy as tf.Tensor, y: saved[0]! }, { limit })[0]!,
      }),
    });
  }
}
