import { type Figure, table } from "@layerwise/plot";
import { checkOptions } from "../checkOptions.ts";
import { checkWhole } from "../checkWhole.ts";
import { OptionError, StateError } from "../errors.ts";
import type { DataSource, DecodedSample } from "./dataSource.ts";
import { type GetPredsOptions, getPreds, type Predictions } from "./getPreds.ts";
import type { HostTensor } from "./hostTensor.ts";
import type { Learner } from "./learner.ts";
import { showResults } from "./showResults.ts";

export interface InterpretOptions<X = unknown, Y = unknown> extends Pick<GetPredsOptions<X, Y>, "act"> {
  /** Which of the learner's loaders. @defaultValue 1, validation */
  dsIdx?: number;
  /** A loader of its own instead. */
  dl?: DataSource<X, Y>;
}

/** One item, looked at again. */
export interface InterpretedItem<X, Y> extends DecodedSample<X, Y> {
  /** Place in the data set. */
  index: number;
  loss: number;
  /** What the model says, decoded. */
  predicted: Y | undefined;
  /** The activated outputs. */
  probs: number[];
}

export interface TopLosses {
  losses: number[];
  /** Places in the data set. */
  indices: number[];
}

export interface TopLossesOptions {
  /** How many. @defaultValue all */
  k?: number;
  /** False: the smallest first. @defaultValue true */
  largest?: boolean;
}

/** Draws items with their losses; packages add a row for their kind of input. */
export type TopLossesRenderer = (items: readonly InterpretedItem<unknown, unknown>[]) => Figure | undefined;

const renderers: TopLossesRenderer[] = [];

/** Adds a way to draw top losses; the first that returns a figure wins, the newest is asked first. */
export function addTopLossesRenderer(renderer: TopLossesRenderer): void {
  if (!renderers.includes(renderer)) renderers.unshift(renderer);
}

/** A pass over a loader with the loss of every item: what an interpretation starts from. */
export interface InterpretedPass<X, Y> {
  dl: DataSource<X, Y>;
  found: Predictions;
  losses: HostTensor;
  /** Place in the data set of every row, ascending. */
  places: readonly number[];
  act: GetPredsOptions["act"] | undefined;
}

/** Predicts every item of a loader once, in the order of the data set. */
export async function interpretedPass<X, Y>(
  learn: Learner<X, Y>,
  options: InterpretOptions<X, Y>,
): Promise<InterpretedPass<X, Y>> {
  checkOptions("Interpretation.fromLearner", options, { dsIdx: true, dl: true, act: true });
  const { dsIdx = 1, dl: given, act } = options;
  const dl = (given ?? learn.dls.get(dsIdx)).with({ shuffle: false, dropLast: false });
  const found = await learn.getPreds({ dl, withLoss: true, withDecoded: true, ...(act ? { act } : {}) });
  const losses = needed(found.losses);
  const places = [...(dl.order ?? losses.values.keys())].sort((a, b) => a - b);
  return { dl, found, losses, places, act };
}

/** Which items a model finds hard. Keeps losses only; items are read again when they are looked at. */
export class Interpretation<X = unknown, Y = unknown> {
  readonly dl: DataSource<X, Y>;
  /** Of every item, in the order of the data set. */
  readonly losses: HostTensor;
  protected readonly learn: Learner<X, Y>;
  readonly #places: readonly number[];
  readonly #act: GetPredsOptions["act"] | undefined;

  protected constructor(learn: Learner<X, Y>, { dl, losses, places, act }: InterpretedPass<X, Y>) {
    this.learn = learn;
    this.dl = dl;
    this.losses = losses;
    this.#places = places;
    this.#act = act;
  }

  /** Goes through a loader once, validation unless the options name another. */
  static async fromLearner<X, Y>(
    learn: Learner<X, Y>,
    options: InterpretOptions<X, Y> = {},
  ): Promise<Interpretation<X, Y>> {
    return new Interpretation(learn, await interpretedPass(learn, options));
  }

  /** Items by place in the data set, predicted anew. @throws {@link OptionError} for a place that was not looked at */
  async at(indices: readonly number[]): Promise<InterpretedItem<X, Y>[]> {
    if (indices.length === 0) return [];
    this.#check(indices);
    const dl = this.dl.with({ order: indices });
    const { preds, decoded } = await getPreds(this.learn as unknown as Learner, {
      dl: dl as DataSource,
      withDecoded: true,
      reorder: false,
      ...(this.#act ? { act: this.#act } : {}),
    });
    const order = dl.order ?? indices;
    const found = new Map<number, InterpretedItem<X, Y>>();
    let at = 0;
    for await (const batch of dl) {
      const n = batch.xb[0]?.shape[0] ?? 0;
      const rows = Array.from({ length: n }, (_, i) => at + i);
      const guess = needed(decoded).take(rows).toTensor();
      try {
        const samples = await dl.decodeBatch(batch, { maxN: n });
        const predicted = await dl.decodeBatch({ xb: batch.xb, yb: [guess] }, { maxN: n });
        for (const [i, row] of rows.entries()) {
          const index = order[row] as number;
          found.set(index, {
            index,
            loss: this.#lossAt(index),
            x: samples[i]?.x as X,
            y: samples[i]?.y,
            predicted: predicted[i]?.y,
            probs: preds.row(row).toArray(),
          });
        }
      } finally {
        guess.dispose();
        batch.dispose();
      }
      at += n;
    }
    return indices.flatMap((index) => found.get(index) ?? []);
  }

  /** The largest (or smallest) losses and where they are. */
  topLosses(options: TopLossesOptions = {}): TopLosses {
    checkOptions("Interpretation.topLosses", options, { k: true, largest: true });
    const { k = this.losses.length, largest = true } = options;
    checkWhole("Interpretation.topLosses", "k", k, 0);
    const sign = largest ? -1 : 1;
    const values = this.losses.values;
    const rows = Array.from(values.keys())
      .sort((a, b) => sign * (values[a]! - values[b]!))
      .slice(0, k);
    return { indices: rows.map((row) => this.#places[row] ?? row), losses: rows.map((row) => values[row]!) };
  }

  /** The items with the largest (or smallest) losses. */
  topItems(options: TopLossesOptions = {}): Promise<InterpretedItem<X, Y>[]> {
    return this.at(this.topLosses(options).indices);
  }

  /**
   * The items with the largest losses, as a picture.
   * @param k - how many, or which ranks: `[0, 2]` are the worst and the third worst
   */
  async plotTopLosses(k: number | readonly number[], options: Pick<TopLossesOptions, "largest"> = {}): Promise<Figure> {
    checkOptions("Interpretation.plotTopLosses", options, { largest: true });
    const { largest = true } = options;
    const { indices } = this.topLosses({ largest, ...(typeof k === "number" ? { k } : {}) });
    const items = await this.at(typeof k === "number" ? indices : k.flatMap((rank) => indices[rank] ?? []));
    for (const render of renderers) {
      const figure = render(items);
      if (figure) return figure;
    }
    return table({
      columns: ["item", "target", "prediction", "loss"],
      rows: items.map((item) => [String(item.x), String(item.y), String(item.predicted), item.loss.toFixed(4)]),
    });
  }

  /** Items by place in the data set, with their targets and the model's answers, as a picture. */
  showResults(indices: readonly number[]): Promise<Figure> {
    this.#check(indices);
    const n = indices.length;
    const dl = this.dl.with({ order: indices, bs: Math.max(1, n) }) as DataSource;
    return showResults(this.learn as unknown as Learner, { dl, shuffle: false, maxN: n });
  }

  #lossAt(index: number): number {
    return this.losses.values[this.#places.indexOf(index)] ?? Number.NaN;
  }

  #check(indices: readonly number[]): void {
    const places = new Set(this.#places);
    const unknown = indices.find((index) => !places.has(index));
    if (unknown === undefined) return;
    throw new OptionError("Interpretation", {
      given: `item ${unknown}`,
      expected: `one of the ${places.size} items looked at, by place in the data set`,
    });
  }
}

/** For models that label pixels: the loss of a picture is the mean over its pixels. */
export class SegmentationInterpretation<X = unknown, Y = unknown> extends Interpretation<X, Y> {
  static override async fromLearner<X, Y>(
    learn: Learner<X, Y>,
    options: InterpretOptions<X, Y> = {},
  ): Promise<SegmentationInterpretation<X, Y>> {
    return new SegmentationInterpretation(learn, await interpretedPass(learn, options));
  }
}

function needed<T>(value: T | null): T {
  if (value !== null) return value;
  throw new StateError("Interpretation", {
    given: "a loader without targets",
    expected: "targets to compare predictions with",
    fix: "pass a loader with targets as `dl`: `dls.testDl(items, { withLabels: true })`",
  });
}
