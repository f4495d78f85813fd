import * as tf from "@tensorflow/tfjs-core";
import type { Hypers } from "./hypers.ts";
import type { ParamState } from "./steppers.ts";

/**
 * A faster way to do what a known list of steppers does, for many parameters at once. It never replaces the
 * definition: tests hold both to the same numbers, and the steppers run wherever this cannot.
 *
 * A backend takes part by registering a tfjs kernel named `kernel`. `Optimizer` calls its `kernelFunc` once per step,
 * with `inputs` empty and {@link FusedStepAttrs} as `attrs`; the kernel overwrites parameters and slots in place
 * (their memory is theirs alone) and returns `[]`. Backends whose memory JS can see run `update` instead.
 */
export interface FusedStep {
  readonly kernel: string;
  /** Names of the state tensors that it changes; zeros before a parameter's first step. */
  readonly slots: readonly string[];
  /** Parameters with more numbers than this are left to a backend's vectorized ops, unless it has the kernel. */
  readonly vectorizedAbove?: number;
  /** Numbers for one parameter's step, or undefined if only the steppers can do this one. */
  plan(state: Readonly<ParamState>, hypers: Readonly<Hypers>): FusedPlan | undefined;
  /** Reads `p`, `grad` and `slots`, writes `pOut` and `slotsOut` (which may be the same arrays). */
  update(arrays: FusedArrays, scalars: readonly number[]): void;
}

export interface FusedPlan {
  /** In the order that the kernel documents. */
  scalars: readonly number[];
  /** The parameter's step count afterwards, if it counts. */
  step?: number;
}

export interface FusedArrays {
  p: Float32Array;
  grad: Float32Array;
  slots: readonly Float32Array[];
  pOut: Float32Array;
  slotsOut: readonly Float32Array[];
}

/** What a registered kernel gets: entry `i` of each list belongs to the same parameter. All tensors are float32. */
export interface FusedStepAttrs {
  params: tf.TensorInfo[];
  grads: tf.TensorInfo[];
  slots: tf.TensorInfo[][];
  scalars: (readonly number[])[];
}

/** A backend's way to do a fused step. */
export interface FusedRunner {
  /** Parameters with more numbers than this are not for it. */
  limit: number;
  /** Does the step of every parameter in `attrs`, in place. */
  run(attrs: FusedStepAttrs): void;
}

/** How the current backend can do it; undefined if it has no way to. */
export function fusedRunner(fused: FusedStep): FusedRunner | undefined {
  const backend = tf.backend();
  const kernel = tf.getKernel(fused.kernel, tf.getBackend());
  if (kernel !== undefined) {
    return {
      limit: Number.POSITIVE_INFINITY,
      run: (attrs) => void kernel.kernelFunc({ inputs: {}, backend, attrs: attrs as unknown as tf.NamedAttrMap }),
    };
  }
  const memory = hostMemory(backend);
  if (memory === undefined) return undefined;
  const limit = memory.isVectorized ? fused.vectorizedAbove : undefined;
  return { limit: limit ?? Number.POSITIVE_INFINITY, run: (attrs) => runOnHost(fused, attrs, memory) };
}

function runOnHost(fused: FusedStep, { params, grads, slots, scalars }: FusedStepAttrs, memory: HostMemory): void {
  for (const [i, param] of params.entries()) {
    const p = memory.view(param);
    const mine = slots[i]!.map((slot) => memory.view(slot));
    const pOut = memory.target(p);
    const slotsOut = mine.map((slot) => memory.target(slot));
    fused.update({ p, grad: memory.view(grads[i]!), slots: mine, pOut, slotsOut }, scalars[i]!);
    memory.commit(param, pOut);
    for (const [k, slot] of slots[i]!.entries()) memory.commit(slot, slotsOut[k]!);
  }
}

/** A backend's tensors as arrays. */
interface HostMemory {
  /** Whether the backend's own ops are faster per number than a JS loop. */
  isVectorized: boolean;
  view(tensor: tf.TensorInfo): Float32Array;
  /** Where to write what replaces `view`. */
  target(view: Float32Array): Float32Array;
  commit(tensor: tf.TensorInfo, values: Float32Array): void;
}

interface WasmMemory {
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
  dataIdMap: { get(id: object): { id: number; memoryOffset: number } };
  wasm: { tfjs: { disposeData(id: number): void; registerTensor(id: number, size: number, offset: number): void } };
}

/** Some ops of tfjs' WebAssembly keep packed copies of weights they have seen. They drop those of a tensor that goes. */
function forgetPacked({ dataIdMap, wasm }: WasmMemory, { dataId, shape }: tf.TensorInfo): void {
  const { id, memoryOffset } = dataIdMap.get(dataId);
  wasm.tfjs.disposeData(id);
  wasm.tfjs.registerTensor(id, tf.util.sizeFromShape(shape), memoryOffset);
}

function hostMemory(backend: object): HostMemory | undefined {
  if ("typedArrayFromHeap" in backend) {
    const wasm = backend as unknown as WasmMemory;
    return {
      isVectorized: true,
      view: (tensor) => wasm.typedArrayFromHeap(tensor),
      target: (view) => view,
      commit: (tensor) => forgetPacked(wasm, tensor),
    };
  }
  if (tf.getBackend() === "cpu" && "data" in backend) {
    const { data } = backend as { data: { get(id: object): { values: Float32Array } } };
    return {
      isVectorized: false,
      view: (tensor) => data.get(tensor.dataId).values,
      // A fresh array: plain JS tensors share theirs with whoever made or read them.
      target: (view) => new Float32Array(view.length),
      commit: (tensor, values) => {
        data.get(tensor.dataId).values = values;
      },
    };
  }
  return undefined;
}
