import * as tf from "@tensorflow/tfjs-core";
import { type FusedOp, runFused } from "../fused/index.ts";

/** An elementwise function with its own derivative: one step of the backward pass instead of many. */
function elementwise(name: string, value: (x: tf.Tensor) => tf.Tensor, slope: (x: tf.Tensor) => tf.Tensor) {
  const op: FusedOp<object> = {
    name,
    outputs: 1,
    composed: ({ x }) => [value(x!)],
    gradient: ({ dys: [dy], inputs: { x } }) => ({ x: () => tf.tidy(() => tf.mul(dy!, slope(x!))) }),
  };
  return (x: tf.Tensor): tf.Tensor => runFused(op, { x }, {})[0]!;
}

/** `x * sigmoid(x)`. */
export const swish: (x: tf.Tensor) => tf.Tensor = elementwise(
  "LayerwiseSwish",
  (x) => tf.mul(x, tf.sigmoid(x)),
  (x) => {
    const s = tf.sigmoid(x);
    return tf.mul(s, tf.add(tf.mul(x, tf.sub(1, s)), 1));
  },
);

/** `x * tanh(softplus(x))`. */
export const mish: (x: tf.Tensor) => tf.Tensor = elementwise(
  "LayerwiseMish",
  (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
  (x) => {
    const t = tf.tanh(tf.softplus(x));
    return tf.add(t, tf.mul(tf.mul(x, tf.sigmoid(x)), tf.sub(1, tf.square(t))));
  },
);

const geluExact = elementwise(
  "LayerwiseGelu",
  (x) => tf.mul(x, normalCdf(x)),
  (x) => tf.add(normalCdf(x), tf.mul(x, tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI)))),
);

const inner = (x: tf.Tensor) => tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)));
const geluTanh = elementwise(
  "LayerwiseGeluTanh",
  (x) => tf.mul(x, tf.mul(tf.add(tf.tanh(inner(x)), 1), 0.5)),
  (x) => {
    const t = tf.tanh(inner(x));
    const slope = tf.mul(Math.sqrt(2 / Math.PI), tf.add(tf.mul(tf.square(x), 3 * 0.044715), 1));
    return tf.add(tf.mul(tf.add(t, 1), 0.5), tf.mul(tf.mul(x, 0.5), tf.mul(tf.sub(1, tf.square(t)), slope)));
  },
);

function normalCdf(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
}

/** `x` weighted by the normal distribution, exactly or by its tanh approximation. */
export function gelu(x: tf.Tensor, approximate: "none" | "tanh" = "none"): tf.Tensor {
  return approximate === "none" ? geluExact(x) : geluTanh(x);
}

/** Sigmoid kept within `[eps, 1 - eps]`, so that its logarithm stays finite. */
export function clampedSigmoid(x: tf.Tensor, eps = 1e-7): tf.Tensor {
  return tf.tidy(() => tf.clipByValue(tf.sigmoid(x), eps, 1 - eps));
}

/** A very leaky ReLU: slope 0.3 below 0. */
export function vleakyRelu(x: tf.Tensor): tf.Tensor {
  return tf.leakyRelu(x, 0.3);
}

/** Sigmoid stretched to `low`…`high`. */
export function sigmoidRange(x: tf.Tensor, low: number, high: number): tf.Tensor {
  return tf.tidy(() => tf.add(tf.mul(tf.sigmoid(x), high - low), low));
}
