import * as tf from "@tensorflow/tfjs-core";
import type { NativeBackend } from "./backend.ts";
import type { KernelOutput } from "./kernelTable.ts";

/** The part of tfjs' plain-JS backend that running one of its kernels by hand takes. */
interface CpuBackend extends tf.KernelBackend {
  /** While true, the next tensor makes it greet Node users. */
  firstUse: boolean;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.backend_util.BackendValues): tf.TensorInfo;
  disposeIntermediateTensorInfo(info: tf.TensorInfo): void;
}

/** Runs tfjs' plain-JS kernel: for what is rare (strings, complex numbers, FFT, sparse and ragged tensors). */
export function runOnCpu(
  config: tf.KernelConfig,
  backend: NativeBackend,
  inputs: Record<string, tf.TensorInfo | tf.TensorInfo[] | undefined>,
  attrs: tf.NamedAttrMap,
): KernelOutput {
  const cpu = tf.findBackend("cpu") as CpuBackend;
  cpu.firstUse = false;
  const made: tf.TensorInfo[] = [];
  const toCpu = (info: tf.TensorInfo): tf.TensorInfo => {
    const moved = copyToCpu(info);
    made.push(moved);
    return Object.assign(moved, { rank: info.shape.length }); // a few kernels take what they are given for tensors
  };
  const copyToCpu = (info: tf.TensorInfo): tf.TensorInfo => {
    if (info.dtype !== "complex64") return cpu.makeTensorInfo(info.shape, info.dtype, backend.readSync(info.dataId));
    const { real, imag } = backend.parts(info);
    const complex = tf.getKernel(tf.Complex, "cpu");
    const halves = { real: copyToCpu(real), imag: copyToCpu(imag) };
    const result = complex.kernelFunc({ inputs: halves, attrs: {}, backend: cpu }) as tf.TensorInfo;
    made.push(halves.real, halves.imag);
    return result;
  };
  const toNative = (info: tf.TensorInfo): tf.TensorInfo => {
    if (info.dtype !== "complex64") return backend.makeTensorInfo(info.shape, info.dtype, cpu.readSync(info.dataId));
    const half = (name: string) => {
      const kernel = tf.getKernel(name, "cpu");
      const part = kernel.kernelFunc({ inputs: { input: info }, attrs: {}, backend: cpu }) as tf.TensorInfo;
      made.push(part);
      return toNative(part);
    };
    const [real, imag] = [half(tf.Real), half(tf.Imag)];
    const result = backend.complex(real, imag);
    backend.disposeData(real.dataId);
    backend.disposeData(imag.dataId);
    return result;
  };
  try {
    const moved = Array.isArray(inputs)
      ? inputs.map(toCpu)
      : Object.fromEntries(
          Object.entries(inputs).map(([name, given]) => [
            name,
            Array.isArray(given) ? given.map(toCpu) : given && toCpu(given),
          ]),
        );
    const results = config.kernelFunc({ inputs: moved as tf.NamedTensorInfoMap, attrs, backend: cpu });
    made.push(...[results].flat());
    return Array.isArray(results) ? results.map(toNative) : toNative(results);
  } finally {
    for (const info of made) cpu.disposeData(info.dataId);
  }
}
