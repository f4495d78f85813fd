import type { DecodedSample, ShowOptions } from "@layerwise/core/learner";
import { type Figure, table } from "@layerwise/plot";
import type * as tf from "@tensorflow/tfjs-core";
import { type BatchTensors, type Decoder, decodeBatch } from "./decodeBatch.ts";
import { classChain, classOf, type Kind, type ValueOf } from "./dispatch.ts";
import type { Cell } from "./frame.ts";
import { type ShowContext, showTitle, showValue } from "./titled.ts";

/** Options of `showBatch`. */
export interface ShowBatchOptions extends ShowOptions {
  /** Shows one item again and again, to see what the random transforms make of it. @defaultValue false */
  unique?: boolean;
  /** Shows this batch, which stays the caller's. @defaultValue a new one */
  batch?: BatchTensors & { dispose(): void };
}

/** What the drawing of samples may ask of their loader. */
export interface ShowSource {
  readonly vocab: unknown;
  readonly nInp: number;
}

/** A sample, and what a model says. */
export interface ShownResult<X = unknown, Y = unknown> extends DecodedSample<X, Y> {
  readonly pred: Y;
}

type DrawBatch<X, Y> = (samples: readonly DecodedSample<X, Y>[], dl: ShowSource) => Figure | Promise<Figure>;
type DrawResults<X, Y> = (results: readonly ShownResult<X, Y>[], dl: ShowSource) => Figure | Promise<Figure>;

/** Rows by the classes of a decoded input and its target; the input's class counts first. */
class PairTable<Row> {
  readonly #rows = new Map<Kind, Map<Kind, Row>>();

  set(xKind: Kind, yKind: Kind, row: Row): void {
    const rows = this.#rows.get(xKind) ?? new Map<Kind, Row>();
    this.#rows.set(xKind, rows.set(yKind, row));
  }

  get(x: unknown, y: unknown): Row | undefined {
    for (const xKind of classChain(classOf(x) ?? Object)) {
      const rows = this.#rows.get(xKind);
      if (rows === undefined) continue;
      for (const yKind of classChain(classOf(y) ?? Object)) {
        const row = rows.get(yKind);
        if (row !== undefined) return row;
      }
    }
    return undefined;
  }
}

const batchRows = new PairTable<DrawBatch<never, never>>();
const resultRows = new PairTable<DrawResults<never, never>>();

/** Says how `showBatch` draws samples with such inputs and targets; `Object` is any class, or none. */
export function onShowBatch<X, Y>(xKind: Kind<X>, yKind: Kind<Y>, draw: DrawBatch<ValueOf<X>, ValueOf<Y>>): void {
  batchRows.set(xKind, yKind, draw);
}

/** Says how `showResults` draws samples with such inputs and targets; `Object` is any class, or none. */
export function onShowResults<X, Y>(xKind: Kind<X>, yKind: Kind<Y>, draw: DrawResults<ValueOf<X>, ValueOf<Y>>): void {
  resultRows.set(xKind, yKind, draw);
}

/** Draws decoded samples as their classes ask for, else as a table. */
export async function showBatch(samples: readonly DecodedSample<unknown, unknown>[], dl: ShowSource): Promise<Figure> {
  const draw = batchRows.get(samples[0]?.x, samples[0]?.y);
  if (draw !== undefined) return draw(samples as never, dl);
  const hasTargets = samples.some(({ y }) => y !== undefined);
  return tableOf(
    samples.map(({ x, y }) => {
      const row = showValue(x, new Map(), { label: "input" });
      return hasTargets ? showValue(y, row, { label: "target" }) : row;
    }),
  );
}

/** Draws samples with their targets and predictions. */
export async function showResults(
  dl: Decoder & ShowSource,
  batch: BatchTensors,
  decoded: tf.Tensor,
  maxN: number,
): Promise<Figure> {
  const samples = await decodeBatch(dl, batch, { maxN });
  const predicted = await decodeBatch(dl, { xb: batch.xb, yb: [decoded] }, { maxN });
  const results = samples.map((sample, i) => ({ ...sample, pred: predicted[i]?.y }));
  const draw = resultRows.get(results[0]?.x, results[0]?.pred);
  if (draw !== undefined) return draw(results as never, dl);
  return tableOf(
    results.map(({ x, y, pred }) => {
      const row = showValue(y, showValue(x, new Map(), { label: "input" }), { label: "target" });
      return showTitle(pred, row, { label: "prediction" });
    }),
  );
}

/** Rows that values showed themselves in, as a table; what only some have is empty in the others. */
function tableOf(contexts: readonly (ShowContext | undefined)[]): Figure {
  const rows = contexts.filter((row): row is Map<string, Cell> => row instanceof Map);
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  return table({ columns, rows: rows.map((row) => columns.map((column) => row.get(column) ?? "")) });
}
