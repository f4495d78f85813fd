import { barChart, type Figure, heatMap, table } from "@layerwise/plot";
import { OptionError, StateError } from "../errors.ts";
import type { DataSource, DecodedSample } from "./dataSource.ts";
import { getPreds } from "./getPreds.ts";
import type { HostTensor } from "./hostTensor.ts";
import type { Learner } from "./learner.ts";

export interface InterpretOptions {
  /** @defaultValue 1, validation */
  dsIdx?: number;
  dl?: DataSource;
}

/** One item, looked at again. */
export interface InterpretedItem<X, Y> extends DecodedSample<X, Y> {
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

/** Draws items with their losses; packages add a row for their kind of input. */
export type TopLossesRenderer = (items: readonly InterpretedItem<unknown, unknown>[]) => Figure | undefined;

const renderers: TopLossesRenderer[] = [];

/** Adds a way to draw top losses; the first that returns a figure wins, the newest is asked first. */
export function addTopLossesRenderer(renderer: TopLossesRenderer): void {
  if (!renderers.includes(renderer)) renderers.unshift(renderer);
}

/** Which items a model finds hard. Keeps losses only; items are read again when they are looked at. */
export class Interpretation<X = unknown, Y = unknown> {
  readonly dl: DataSource<X, Y>;
  readonly losses: HostTensor;
  protected readonly learn: Learner<X, Y>;

  protected constructor(learn: Learner<X, Y>, dl: DataSource<X, Y>, losses: HostTensor) {
    this.learn = learn;
    this.dl = dl;
    this.losses = losses;
  }

  static async fromLearner<X, Y>(learn: Learner<X, Y>, options: InterpretOptions = {}): Promise<Interpretation<X, Y>> {
    const dl = plainLoader(learn, options);
    const { losses } = await getPreds(learn as unknown as Learner, {
      dl: dl as DataSource,
      withLoss: true,
      reorder: false,
    });
    return new Interpretation(learn, dl, needed(losses));
  }

  /** Items by place in the data set, predicted anew. */
  async at(indices: readonly number[]): Promise<InterpretedItem<X, Y>[]> {
    const dl = this.dl.with({ order: indices });
    const out: InterpretedItem<X, Y>[] = [];
    const { preds, decoded } = await getPreds(this.learn as unknown as Learner, {
      dl: dl as DataSource,
      withDecoded: true,
      reorder: false,
    });
    let at = 0;
    for await (const batch of dl) {
      try {
        const n = batch.xb[0]?.shape[0] ?? 0;
        const rows = Array.from({ length: n }, (_, i) => at + i);
        const samples = await dl.decodeBatch(batch, { maxN: n });
        const guess = needed(decoded).take(rows).toTensor();
        const predicted = await dl.decodeBatch({ xb: batch.xb, yb: [guess] }, { maxN: n });
        guess.dispose();
        for (const [i, row] of rows.entries()) {
          const index = indices[row] as number;
          out.push({
            index,
            loss: this.losses.values[index] ?? Number.NaN,
            x: samples[i]?.x as X,
            y: samples[i]?.y,
            predicted: predicted[i]?.y,
            probs: preds.row(row).toArray(),
          });
        }
        at += n;
      } finally {
        batch.dispose();
      }
    }
    return out;
  }

  /** The largest (or smallest) losses and where they are; all unless `k` says how many. */
  topLosses({ k = this.losses.length, largest = true }: { k?: number; largest?: boolean } = {}): TopLosses {
    const sign = largest ? -1 : 1;
    const values = this.losses.values;
    const indices = Array.from(values.keys())
      .sort((a, b) => sign * (values[a]! - values[b]!))
      .slice(0, k);
    return { indices, losses: indices.map((i) => values[i]!) };
  }

  /** The `k` items with the largest losses, as a picture. */
  async plotTopLosses(k: number, { largest = true }: { largest?: boolean } = {}): Promise<Figure> {
    const items = await this.at(this.topLosses({ k, largest }).indices);
    for (const render of renderers) {
      const figure = render(items);
      if (figure) return figure;
    }
    return table({
      columns: ["item", "target", "prediction", "loss"],
      rows: items.map((item) => [String(item.x), String(item.y), String(item.predicted), item.loss.toFixed(4)]),
    });
  }
}

/** One pair of classes that the model mixes up. */
export interface Confusion<Y> {
  actual: Y;
  predicted: Y;
  count: number;
}

/** Per class, and averaged. */
export interface ClassScores {
  precision: number;
  recall: number;
  f1: number;
  support: number;
}

export interface ConfusionMatrixOptions {
  /** Rows as fractions of their sum. @defaultValue false */
  normalize?: boolean;
  /** @defaultValue "Confusion matrix" */
  title?: string;
  /** Decimals of fractions. @defaultValue 2 */
  normDec?: number;
}

/** Which classes a classifier mixes up. */
export class ClassificationInterpretation<X = unknown, Y = unknown> extends Interpretation<X, Y> {
  readonly vocab: readonly Y[];
  readonly #targs: readonly number[];
  readonly #preds: readonly number[];

  private constructor(
    learn: Learner<X, Y>,
    dl: DataSource<X, Y>,
    losses: HostTensor,
    vocab: readonly Y[],
    targs: readonly number[],
    preds: readonly number[],
  ) {
    super(learn, dl, losses);
    this.vocab = vocab;
    this.#targs = targs;
    this.#preds = preds;
  }

  /** @throws {@link OptionError} if the data has no vocabulary */
  static override async fromLearner<X, Y>(
    learn: Learner<X, Y>,
    options: InterpretOptions = {},
  ): Promise<ClassificationInterpretation<X, Y>> {
    const dl = plainLoader(learn, options);
    const all = learn.dls.vocab;
    const vocab = (Array.isArray(all?.[0]) ? all.at(-1) : all) as readonly Y[] | undefined;
    if (vocab === undefined) {
      throw new OptionError("ClassificationInterpretation", {
        given: "data without a vocabulary",
        expected: "a classifier's data",
        fix: "use `categoryBlock()` for the target, or `Interpretation` for other models",
      });
    }
    const found = await getPreds(learn as unknown as Learner, {
      dl: dl as DataSource,
      withLoss: true,
      withDecoded: true,
      reorder: false,
    });
    const [targs, preds] = [needed(found.targs).toArray(), needed(found.decoded).toArray()];
    return new ClassificationInterpretation(learn, dl, needed(found.losses), vocab, targs, preds);
  }

  /** Counts; rows are the true classes, columns the predicted ones. */
  confusionMatrix(): number[][] {
    const matrix = this.vocab.map(() => this.vocab.map(() => 0));
    for (const [i, target] of this.#targs.entries()) {
      const row = matrix[target];
      const column = this.#preds[i];
      if (row && column !== undefined) row[column] = (row[column] ?? 0) + 1;
    }
    return matrix;
  }

  plotConfusionMatrix({
    normalize = false,
    title = "Confusion matrix",
    normDec = 2,
  }: ConfusionMatrixOptions = {}): Figure {
    const counts = this.confusionMatrix();
    const values = normalize
      ? counts.map((row) => {
          const sum = row.reduce((a, b) => a + b, 0);
          return row.map((n) => (sum === 0 ? 0 : Number((n / sum).toFixed(normDec))));
        })
      : counts;
    const labels = this.vocab.map(String);
    return heatMap({
      values,
      xLabels: labels,
      yLabels: labels,
      title,
      xLabel: "Predicted",
      yLabel: "Actual",
      colormap: "blues",
      annotate: true,
    });
  }

  /** Pairs of classes mixed up at least `minVal` times, worst first. */
  mostConfused(minVal = 1): Confusion<Y>[] {
    const pairs = this.confusionMatrix().flatMap((row, actual) =>
      row.map((count, predicted) => ({ actual, predicted, count })),
    );
    return pairs
      .filter((p) => p.actual !== p.predicted && p.count >= minVal)
      .sort((a, b) => b.count - a.count)
      .map(({ actual, predicted, count }) => ({
        actual: this.vocab[actual] as Y,
        predicted: this.vocab[predicted] as Y,
        count,
      }));
  }

  /** Precision, recall and F1 per class, with accuracy and averages. */
  classificationReport(): {
    classes: Map<Y, ClassScores>;
    accuracy: number;
    macro: ClassScores;
    weighted: ClassScores;
  } {
    const matrix = this.confusionMatrix();
    const total = this.#targs.length;
    const scores = matrix.map((row, i): ClassScores => {
      const support = row.reduce((a, b) => a + b, 0);
      const predicted = matrix.reduce((sum, r) => sum + (r[i] ?? 0), 0);
      const hits = row[i] ?? 0;
      const precision = predicted === 0 ? 0 : hits / predicted;
      const recall = support === 0 ? 0 : hits / support;
      return {
        precision,
        recall,
        f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
        support,
      };
    });
    const average = (weights: readonly number[]): ClassScores => {
      const sum = weights.reduce((a, b) => a + b, 0) || 1;
      const of = (key: "precision" | "recall" | "f1"): number =>
        scores.reduce((s, c, i) => s + c[key] * (weights[i] ?? 0), 0) / sum;
      return { precision: of("precision"), recall: of("recall"), f1: of("f1"), support: total };
    };
    return {
      classes: new Map(this.vocab.map((v, i) => [v, scores[i] as ClassScores])),
      accuracy: total === 0 ? 0 : matrix.reduce((sum, row, i) => sum + (row[i] ?? 0), 0) / total,
      macro: average(scores.map(() => 1)),
      weighted: average(scores.map((s) => s.support)),
    };
  }

  /** F1 per class as bars: where to look for more data. */
  plotClassScores(): Figure {
    const { classes } = this.classificationReport();
    return barChart({
      labels: [...classes.keys()].map(String),
      values: [...classes.values()].map(({ f1 }) => f1),
      yLabel: "F1",
      title: "F1 by class",
    });
  }
}

function plainLoader<X, Y>(learn: Learner<X, Y>, { dsIdx = 1, dl }: InterpretOptions): DataSource<X, Y> {
  const loader = (dl as DataSource<X, Y> | undefined) ?? learn.dls.get(dsIdx);
  return loader.with({ shuffle: false, dropLast: false });
}

function needed<T>(value: T | null): T {
  if (value !== null) return value;
  throw new StateError("Interpretation", {
    given: "predictions without targets or losses",
    expected: "a loader with targets",
  });
}
