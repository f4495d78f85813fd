import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

/** The part of tfjs' plain-JS backend that running one of its kernels by hand takes. */
interface CpuBackend extends tf.KernelBackend {
  /** While true, the next tensor makes it greet Node users. */
  firstUse: boolean;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.backend_util.TypedArray): tf.TensorInfo;
  disposeIntermediateTensorInfo(info: tf.TensorInfo): void;
}

/** A kernel for `backend` that copies to plain JS, computes there and copies back: right, and slow. */
export function cpuFallback(kernelName: string, backend: BackendWasm): tf.KernelFunc {
  return ({ inputs, attrs }) => {
    const cpu = tf.findBackend("cpu") as CpuBackend;
    cpu.firstUse = false;
    const kernel = tf.getKernel(kernelName, "cpu");
    // einsum's inputs are a list
    const moved = Object.entries(inputs).map(([name, t]) => {
      if (t === undefined || Array.isArray(t)) throw new Error(`${kernelName}: input ${name} cannot move to plain JS`);
      return [name, cpu.makeTensorInfo(t.shape, t.dtype, backend.readSync(t.dataId) as Float32Array)] as const;
    });
    const made = kernel.kernelFunc({
      inputs: (Array.isArray(inputs)
        ? moved.map(([, info]) => info)
        : Object.fromEntries(moved)) as tf.NamedTensorInfoMap,
      attrs: attrs ?? {},
      backend: cpu,
    });
    const back = (info: tf.TensorInfo) => {
      const values = cpu.readSync(info.dataId) as tf.backend_util.TypedArray;
      const result = backend.makeOutput(info.shape, info.dtype, undefined, values);
      cpu.disposeIntermediateTensorInfo(info);
      return result;
    };
    const results = Array.isArray(made) ? made.map(back) : back(made);
    for (const [, info] of moved) cpu.disposeIntermediateTensorInfo(info);
    return results;
  };
}
