import * as tf from "@tensorflow/tfjs-core";

/** Inputs of a fused op by name; those a caller left out are missing. */
export type FusedInputs = Record<string, tf.Tensor>;

/**
 * An op that training needs fast and tfjs lacks. `composed` defines it in plain tfjs ops: it is what runs on a backend
 * without a kernel of this name, and what such kernels are tested against. A backend brings a better one with
 * `tf.registerKernel({ kernelName: op.name, backendName, kernelFunc })`: same inputs, attributes and results.
 */
export interface FusedOp<A extends object> {
  readonly name: string;
  /** How many of the results are outputs; the others only serve the gradient. */
  readonly outputs: number;
  readonly composed: (inputs: FusedInputs, attrs: A) => tf.Tensor[];
  /** Gradients by input name; without it the gradient of `composed` is used, or none on a backend with a kernel. */
  readonly gradient?: (seen: FusedSeen<A>) => Record<string, () => tf.Tensor>;
}

/** What a gradient works from. */
export interface FusedSeen<A> {
  /** Gradient of each output; zeros for an output that was not used. */
  readonly dys: readonly tf.Tensor[];
  readonly inputs: FusedInputs;
  /** Everything the forward pass gave, outputs first. */
  readonly results: readonly tf.Tensor[];
  readonly attrs: A;
}

/** The part of tfjs' engine under `tf.customGrad`: it alone knows several outputs and gradients made on demand. */
interface TapeEngine {
  runKernelFunc(call: {
    inputs: FusedInputs;
    forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => tf.Tensor[];
    backwardsFunc: (dy: tf.Tensor | tf.Tensor[], saved: tf.Tensor[]) => Record<string, () => tf.Tensor>;
  }): tf.Tensor[];
}

/** Runs a fused op with the active backend's kernel, or else its composed definition. The outputs are the caller's. */
export function runFused<A extends object>(
  op: FusedOp<A>,
  given: Record<string, tf.Tensor | null>,
  attrs: A,
): tf.Tensor[] {
  const inputs: FusedInputs = {};
  for (const name in given) {
    const tensor = given[name];
    if (tensor) inputs[name] = tensor;
  }
  const { gradient } = op;
  if (gradient === undefined) return evaluate(op, inputs, attrs);
  const names = Object.keys(inputs);
  return (tf.engine() as unknown as TapeEngine).runKernelFunc({
    inputs,
    forwardFunc: (_backend, save) => {
      const results = evaluate(op, inputs, attrs);
      save([...Object.values(inputs), ...results]);
      return results.slice(0, op.outputs);
    },
    backwardsFunc: (dy, saved) => {
      const seen: FusedInputs = {};
      for (const [i, name] of names.entries()) seen[name] = saved[i]!;
      return gradient({ dys: [dy].flat(), inputs: seen, results: saved.slice(names.length), attrs });
    },
  });
}

function evaluate<A extends object>(op: FusedOp<A>, inputs: FusedInputs, attrs: A): tf.Tensor[] {
  if (tf.getKernel(op.name, tf.getBackend()) === undefined) return tf.tidy(() => op.composed(inputs, attrs));
  return [tf.engine().runKernel(op.name, inputs, attrs as tf.NamedAttrMap) as tf.Tensor | tf.Tensor[]].flat();
}
