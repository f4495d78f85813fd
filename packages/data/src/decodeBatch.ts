import { StateError, useBackend } from "@layerwise/core";
import type { DecodedSample, ShowOptions } from "@layerwise/core/learner";
import {
  TensorData,
  TensorFloat,
  type TensorKind,
  type TensorMeta,
  type TensorValues,
  TypedTensor,
} from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { TensorPlace } from "./collate.ts";
import type { Dataset } from "./dataset.ts";
import type { Pipeline } from "./pipeline.ts";
import { TransformContext } from "./transformContext.ts";
import { asTuple, Tuple } from "./tuple.ts";

/** Tensors of a batch, typed or as a model gave them. */
export interface BatchTensors {
  readonly xb: readonly (tf.Tensor | TypedTensor)[];
  readonly yb: readonly (tf.Tensor | TypedTensor)[];
}

/** Kind and meta of one tensor of a batch; and its place in the sample, if elements are plain objects. */
export interface ElementKind extends Partial<TensorPlace> {
  readonly kind: TensorKind;
  readonly meta: TensorMeta;
}

/** Options of `decodeBatch`. */
export interface DecodeOptions extends ShowOptions {
  /** Goes back all the way, also past values that could be shown as they are. @defaultValue true */
  full?: boolean;
}

/** How many tensors of a batch the first `elements` of a sample become. */
export function inputTensors(kinds: readonly ElementKind[] | null, elements: number): number {
  if (!kinds?.some(({ key }) => key !== undefined)) return elements;
  return kinds.filter((kind, i) => (kind.element ?? i) < elements).length;
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
  { maxN, full = true }: { maxN: number; full?: boolean },
): Promise<DecodedSample<unknown, unknown>[]> {
  await useBackend();
  const columns = await readBack(decodeOnDevice(dl, batch, maxN));
  const places = placesOf(dl, batch);
  const nInp = new Set(places.slice(0, batch.xb.length).map(({ element }) => element)).size;
  const ctx = new TransformContext({ splitIdx: dl.splitIdx });
  const samples = (await dl.beforeBatch.decode(toRows(columns, places), ctx)) as Tuple[];
  return Promise.all(
    samples.map(async (sample) => {
      const decoded = asTuple(await dl.afterItem.decode(sample, ctx, { full }));
      const { elements } = asTuple((await dl.dataset.decode?.(decoded, { full })) ?? decoded);
      return { x: single(elements.slice(0, nInp)), y: single(elements.slice(nInp)) };
    }),
  );
}

/** Places of the tensors of a batch in a sample; each its own element, if no element is a plain object. */
function placesOf({ kinds, nInp }: Decoder, { xb, yb }: BatchTensors): TensorPlace[] {
  const place = (i: number): TensorPlace => {
    const { element = i, key } = kinds?.[i] ?? {};
    return key === undefined ? { element } : { element, key };
  };
  return [...xb.map((_, i) => place(i)), ...yb.map((_, i) => place(nInp + i))];
}

/** From a list per tensor to a tuple per sample; keys of one element make an object again. */
function toRows(columns: readonly TensorData[][], places: readonly TensorPlace[]): Tuple[] {
  const count = columns.length === 0 ? 0 : Math.min(...columns.map(({ length }) => length));
  return Array.from({ length: count }, (_, row) => {
    const elements = new Map<number, unknown>();
    for (const [i, { element, key }] of places.entries()) {
      const value = columns[i]![row];
      if (key === undefined) elements.set(element, value);
      else elements.set(element, { ...(elements.get(element) as object | undefined), [key]: value });
    }
    return new Tuple([...elements.values()]);
  });
}

/** One element itself, several as a list, none as undefined. */
function single(elements: readonly unknown[]): unknown {
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
