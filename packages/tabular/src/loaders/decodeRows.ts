import type { DecodedSample } from "@layerwise/core/learner";
import { TypedTensor } from "@layerwise/core/tensor";
import type { BatchTensors } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import type { Processing } from "../processing.ts";
import { Column } from "../table/column.ts";
import { Table, type TableRow } from "../table/table.ts";

/** The first rows of a batch as a person reads them. */
export async function decodeRows<Y>(
  processing: Processing,
  { xb, yb }: BatchTensors,
  maxN: number,
): Promise<DecodedSample<TableRow, Y>[]> {
  const { names, target } = processing;
  const count = Math.min(maxN, tensorOf(xb[0] ?? yb[0])?.shape[0] ?? 0);
  const [cats, conts, ys] = await Promise.all([xb[0], xb[1], yb[0]].map((value) => firstRows(value, count)));
  const table = new Table([
    ...names.cat.map((name, k) => [name, new Column("int", columnAt(cats!, k, count, Int32Array))] as const),
    ...names.cont.map((name, k) => [name, new Column("float", columnAt(conts!, k, count, Float64Array))] as const),
  ]);
  const decoded = processing.decode(table);
  const width = ys!.length / Math.max(1, count);
  return Array.from({ length: count }, (_, i) => {
    const y = ys!.length === 0 ? undefined : (target?.decode(ys!.subarray(i * width, (i + 1) * width)) as Y);
    return { x: decoded.names.length === 0 ? {} : decoded.row(i), y };
  });
}

function tensorOf(value: tf.Tensor | TypedTensor | undefined): tf.Tensor | undefined {
  return value instanceof TypedTensor ? value.data : value;
}

async function firstRows(value: tf.Tensor | TypedTensor | undefined, count: number): Promise<Float32Array> {
  const tensor = tensorOf(value);
  if (tensor === undefined || tensor.size === 0) return new Float32Array(0);
  const rows = tf.slice(tensor, 0, count);
  const values = await rows.data();
  rows.dispose();
  return Float32Array.from(values);
}

function columnAt<T extends Int32Array | Float64Array>(
  values: Float32Array,
  k: number,
  count: number,
  kind: new (length: number) => T,
): T {
  const out = new kind(count);
  const width = values.length / Math.max(1, count);
  for (let i = 0; i < count; i++) out[i] = values[i * width + k]!;
  return out;
}
