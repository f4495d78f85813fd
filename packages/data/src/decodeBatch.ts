import { StateError, useBackend } from "@layerwise/core";
import type { DecodedSample } from "@layerwise/core/learner";
import {
  TensorData,
  TensorFloat,
  type TensorKind,
  type TensorMeta,
  type TensorValues,
  TypedTensor,
} from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Dataset } from "./dataset.ts";
import { mapAll } from "./maybePromise.ts";
import type { Pipeline } from "./pipeline.ts";
import { TransformContext } from "./transformContext.ts";
import { Tuple } from "./tuple.ts";

/** Tensors of a batch, typed or as a model gave them. */
export interface BatchTensors {
  readonly xb: readonly (tf.Tensor | TypedTensor)[];
  readonly yb: readonly (tf.Tensor | TypedTensor)[];
}

/** Kind and meta of one tensor of a batch. */
export interface ElementKind {
  readonly kind: TensorKind;
  readonly meta: TensorMeta;
}

/** What decoding needs of a loader. */
export interface Decoder {
  readonly dataset: Dataset;
  readonly nInp: number;
  readonly splitIdx: number | null;
  readonly kinds: readonly ElementKind[] | null;
  readonly afterItem: Pipeline;
  readonly beforeBatch: Pipeline;
  readonly afterBatch: Pipeline;
}

/** Undoes the transforms of the first `maxN` samples: on the device, then one read-back per tensor, then item by item. */
export async function decodeBatch(
  dl: Decoder,
  batch: BatchTensors,
  maxN: number,
): Promise<DecodedSample<unknown, unknown>[]> {
  await useBackend();
  const columns = await readBack(decodeOnDevice(dl, batch, maxN));
  const count = Math.min(...columns.map(({ length }) => length));
  const ctx = new TransformContext({ splitIdx: dl.splitIdx });
  const rows = Array.from(
    { length: Number.isFinite(count) ? count : 0 },
    (_, i) => new Tuple(columns.map((column) => column[i])),
  );
  const samples = (await dl.beforeBatch.decode(rows, ctx)) as Tuple[];
  return Promise.all(samples.map((sample) => decodeSample(dl, sample, ctx)));
}

async function decodeSample(
  dl: Decoder,
  sample: Tuple,
  ctx: TransformContext,
): Promise<DecodedSample<unknown, unknown>> {
  const { dataset, nInp } = dl;
  const { elements } = (await dl.afterItem.decode(sample, ctx)) as Tuple;
  const decoded = await mapAll(elements, (element, i) => dataset.decodeElement?.(i, element) ?? element);
  return { x: single(decoded.slice(0, nInp)), y: single(decoded.slice(nInp)) };
}

/** One element itself, several as a list, none as undefined. */
function single(elements: unknown[]): unknown {
  return elements.length > 1 ? elements : elements[0];
}

function decodeOnDevice(dl: Decoder, { xb, yb }: BatchTensors, maxN: number): TypedTensor[] {
  let decoded: readonly TypedTensor[] = [];
  tf.tidy(() => {
    const given = [
      ...xb.map((tensor, i) => withKind(dl, tensor, i)),
      ...yb.map((tensor, i) => withKind(dl, tensor, dl.nInp + i)),
    ];
    const first = given.map((tensor) => tensor.with(firstRows(tensor.data, maxN)));
    const ctx = new TransformContext({ splitIdx: dl.splitIdx });
    decoded = (dl.afterBatch.decode(new Tuple(first), ctx) as Tuple<TypedTensor[]>).elements;
    return decoded.map(({ data }) => data);
  });
  return [...decoded];
}

function withKind({ kinds }: Decoder, tensor: tf.Tensor | TypedTensor, position: number): TypedTensor {
  if (tensor instanceof TypedTensor) return tensor;
  const known = kinds?.[position];
  if (known !== undefined) return new known.kind(tensor, known.meta);
  if (kinds === null) {
    throw new StateError("decodeBatch", {
      given: "bare tensors, and a loader that made no batch yet",
      expected: "tensors of a known kind",
      fix: "call `await dl.oneBatch()` first, or give typed tensors",
    });
  }
  return new TensorFloat(tensor);
}

function firstRows(tensor: tf.Tensor, count: number): tf.Tensor {
  const [rows = 0] = tensor.shape;
  if (rows <= count) return tf.clone(tensor);
  return tf.slice(tensor, 0, count);
}

/** Splits each tensor into one {@link TensorData} per row; disposes the tensors. */
async function readBack(tensors: readonly TypedTensor[]): Promise<TensorData[][]> {
  try {
    return await Promise.all(
      tensors.map(async (tensor) => {
        const values = (await tensor.data.data()) as TensorValues;
        const [rows = 0, ...shape] = tensor.shape;
        const size = rows === 0 ? 0 : values.length / rows;
        const kind = tensor.constructor as TensorKind;
        return Array.from({ length: rows }, (_, i) =>
          toData(kind, shape, values.slice(i * size, (i + 1) * size), tensor),
        );
      }),
    );
  } finally {
    for (const tensor of tensors) tensor.dispose();
  }
}

function toData(
  kind: TensorKind,
  shape: readonly number[],
  values: TensorValues,
  { meta, data }: TypedTensor,
): TensorData {
  return new TensorData(kind, shape, values, meta, data.dtype);
}
