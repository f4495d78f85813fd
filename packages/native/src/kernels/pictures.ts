import * as tf from "@tensorflow/tfjs-core";
import { kernel, type NativeKernel } from "../addon.ts";
import type { NativeBackend } from "../backend.ts";
import type { KernelTable } from "../kernelTable.ts";
import { cast } from "./unary.ts";

const [resizeBilinear, resizeBilinearGrad] = [kernel("resizeBilinear"), kernel("resizeBilinearGrad")];
const [resizeNearest, resizeNearestGrad] = [kernel("resizeNearest"), kernel("resizeNearestGrad")];
const [transform, rotate, cropAndResize] = [kernel("transform"), kernel("rotate"), kernel("cropAndResize")];

/** How C++ names what lies outside a picture. */
const outside: Record<string, number> = { constant: 0, reflect: 1, wrap: 2, nearest: 3 };

interface ResizeAttrs {
  alignCorners?: boolean;
  halfPixelCenters?: boolean;
}

/** Pictures of another size, or, from a gradient `x` of such, the gradient of the pictures. */
function resized(
  backend: NativeBackend,
  x: tf.TensorInfo,
  shape: number[],
  run: NativeKernel,
  sizes: readonly number[],
  { alignCorners, halfPixelCenters }: ResizeAttrs,
): tf.TensorInfo {
  const out = backend.output(shape);
  const flags = [Number(alignCorners ?? false), Number(halfPixelCenters ?? false)];
  if (out.dataId.size > 0) run(backend.pointer(x), out.dataId.pointer, ...sizes, ...flags);
  return out;
}

/** What `compute` makes of float32 pictures. */
function withFloats(
  backend: NativeBackend,
  x: tf.TensorInfo,
  compute: (x: tf.TensorInfo) => tf.TensorInfo,
): tf.TensorInfo | undefined {
  const floats = cast(backend, x, "float32");
  if (floats === undefined) return undefined;
  const result = compute(floats);
  backend.disposeData(floats.dataId);
  return result;
}

export const pictureKernels: KernelTable = {
  [tf.ResizeBilinear]: (backend, { images }, attrs) => {
    const [batch, height, width, channels] = images!.shape as [number, number, number, number];
    const [outHeight, outWidth] = attrs.size;
    const sizes = [batch, height, width, channels, outHeight, outWidth];
    const shape = [batch, outHeight, outWidth, channels];
    return withFloats(backend, images!, (x) => resized(backend, x, shape, resizeBilinear, sizes, attrs));
  },
  [tf.ResizeBilinearGrad]: (backend, { images, dy }, attrs) => {
    if (dy!.dtype !== "float32") return undefined;
    return resized(
      backend,
      dy!,
      images!.shape,
      resizeBilinearGrad,
      [...images!.shape, ...dy!.shape.slice(1, 3)],
      attrs,
    );
  },
  [tf.ResizeNearestNeighbor]: (backend, { images }, attrs) => {
    if (images!.dtype !== "float32") return undefined;
    const [batch, , , channels] = images!.shape as [number, number, number, number];
    const [outHeight, outWidth] = attrs.size;
    const shape = [batch, outHeight, outWidth, channels];
    return resized(backend, images!, shape, resizeNearest, [...images!.shape, outHeight, outWidth], attrs);
  },
  [tf.ResizeNearestNeighborGrad]: (backend, { images, dy }, attrs) => {
    if (dy!.dtype !== "float32") return undefined;
    return resized(backend, dy!, images!.shape, resizeNearestGrad, [...images!.shape, ...dy!.shape.slice(1, 3)], attrs);
  },
  [tf.Transform]: (backend, { image, transforms }, { interpolation, fillMode, fillValue, outputShape }) => {
    if (image!.dtype !== "float32" || transforms!.dtype !== "float32") return undefined;
    const [batch, height, width, channels] = image!.shape as [number, number, number, number];
    const [outHeight, outWidth] = outputShape ?? [height, width];
    const out = backend.output([batch, outHeight, outWidth, channels]);
    if (out.dataId.size === 0) return out;
    const [from, map, to] = [backend.pointer(image!), backend.pointer(transforms!), out.dataId.pointer];
    const oneForAll = Number(transforms!.shape[0] === 1);
    const how = [oneForAll, Number(interpolation === "bilinear"), outside[fillMode] ?? 0, fillValue ?? 0];
    transform(from, map, to, batch, height, width, channels, outHeight, outWidth, ...how);
    return out;
  },
  [tf.RotateWithOffset]: (backend, { image }, { radians, fillValue, center }) => {
    const [batch, height, width, channels] = image!.shape as [number, number, number, number];
    if (image!.dtype !== "float32" || channels > 4) return undefined;
    const out = backend.output(image!.shape);
    if (out.dataId.size === 0) return out;
    const [x, y] = tf.backend_util.getImageCenter(center, height, width);
    const fill: number[] =
      typeof fillValue === "number" ? new Array<number>(4).fill(fillValue) : [...fillValue.slice(0, 3), 255];
    const [from, to] = [backend.pointer(image!), out.dataId.pointer];
    rotate(from, to, batch, height, width, channels, Math.sin(radians), Math.cos(radians), x, y, ...fill);
    return out;
  },
  [tf.CropAndResize]: (backend, { image, boxes, boxInd }, { cropSize, method, extrapolationValue }) => {
    if (boxes!.dtype !== "float32" || boxInd!.dtype !== "int32") return undefined;
    const [cropHeight, cropWidth] = cropSize;
    const count = boxes!.shape[0]!;
    const out = backend.output([count, cropHeight, cropWidth, image!.shape[3]!]);
    if (out.dataId.size === 0) return out;
    return withFloats(backend, image!, (x) => {
      const tensors = [backend.pointer(x), backend.pointer(boxes!), backend.pointer(boxInd!), out.dataId.pointer];
      const sizes = [...image!.shape, count, cropHeight, cropWidth];
      cropAndResize(...tensors, ...sizes, Number(method === "bilinear"), extrapolationValue);
      return out;
    });
  },
};
