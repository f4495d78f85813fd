import * as tf from "@tensorflow/tfjs-core";
import type { NativeBackend } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";

/** Kernels that change how numbers are seen, not the numbers. */
export const shapeKernels: KernelTable = {
  [tf.Identity]: (backend, { x }) => backend.alias(x!, x!.shape),
  [tf.Reshape]: (backend, { x }, { shape }) => {
    const size = tf.util.sizeFromShape(x!.shape);
    const target = tf.util.inferFromImplicitShape(shape, size);
    const targetSize = tf.util.sizeFromShape(target);
    tf.util.assert(
      size === targetSize,
      () =>
        `The new shape (${target}) has ${targetSize} elements and the old shape (${x!.shape}) has ${size} elements. ` +
        "The new shape and old shape must have the same number of elements.",
    );
    return backend.alias(x!, target);
  },
  [tf.ExpandDims]: (backend, { input }, { dim }) => {
    const rank = input!.shape.length;
    tf.util.assert(-(rank + 1) <= dim && dim <= rank, () => `Axis must be in the interval [${-(rank + 1)}, ${rank}]`);
    const shape = [...input!.shape];
    shape.splice(dim < 0 ? rank + dim + 1 : dim, 0, 1);
    return backend.alias(input!, shape);
  },
  [tf.Complex]: (backend, { real, imag }) => backend.complex(real!, imag!),
  [tf.Real]: (backend, { input }) => alone(backend, backend.parts(input!).real),
  [tf.Imag]: (backend, { input }) => alone(backend, backend.parts(input!).imag),
};

function alone(backend: NativeBackend, half: tf.TensorInfo): tf.TensorInfo {
  return backend.alias(half, half.shape);
}
