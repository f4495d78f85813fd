import { DataError, fmtShape, ShapeError } from "@layerwise/core";
import { TensorData, TypedTensor } from "@layerwise/core/tensor";
import { Tensor } from "@tensorflow/tfjs-core";
import type { Raster } from "./resample.ts";

/** Pixels of a picture or tensor that is in memory; undefined for files and for tensors on a device. */
export function rasterOf(source: unknown): Raster | undefined {
  if (source instanceof TensorData) return fromValues(source.values, source.shape);
  if (typeof source !== "object" || source === null) return undefined;
  const { width, height, channels = 1, data } = source as Partial<Raster>;
  if (width === undefined || height === undefined || !ArrayBuffer.isView(data)) return undefined;
  if (data instanceof Uint8Array) return { width, height, channels, data };
  return { width, height, channels, data: toBytes(data as ArrayLike<number>) };
}

/** Pixels of a tensor `[H, W]`, `[H, W, C]` or a batch of one, with values of 0…255. */
export async function readTensor(source: Tensor | TypedTensor): Promise<Raster> {
  const tensor = source instanceof TypedTensor ? source.data : source;
  if (!(tensor instanceof Tensor)) {
    throw new DataError("image", {
      given: describeSource(source),
      expected: "a path, the content of a picture file, a picture, pixels with width and height, or a tensor",
    });
  }
  const shape = tensor.shape.length === 4 && tensor.shape[0] === 1 ? tensor.shape.slice(1) : tensor.shape;
  return fromValues(await tensor.data(), shape);
}

function fromValues(values: ArrayLike<number>, shape: readonly number[]): Raster {
  const [height, width, channels = 1] = shape;
  if (height === undefined || width === undefined || shape.length > 3 || channels < 1 || channels > 4) {
    throw new ShapeError("image", {
      given: `a tensor of shape ${fmtShape(shape)}`,
      expected: "[height, width] or [height, width, channels]",
    });
  }
  return { width, height, channels, data: values instanceof Uint8Array ? values : toBytes(values) };
}

/** Limited to 0…255, fractions dropped. */
function toBytes(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.max(0, Math.min(255, values[i]!));
  return bytes;
}

function describeSource(source: unknown): string {
  if (typeof source !== "object" || source === null) return `${source}`;
  return `a value of class ${source.constructor?.name ?? "Object"}`;
}
