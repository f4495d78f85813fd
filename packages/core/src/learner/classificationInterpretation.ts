import { barChart, type Colormap, type Figure, heatMap, table } from "@layerwise/plot";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { fmtShape, OptionError } from "../errors.ts";
import { Interpretation, type InterpretedPass, type InterpretOptions, interpretedPass } from "./interpret.ts";
import type { Learner } from "./learner.ts";

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
  /** Items of the class. */
  support: number;
}

/** Scores of every class and over all of them. */
export interface ClassificationReport<Y> {
  classes: Map<Y, ClassScores>;
  /** Share of items classified right. */
  accuracy: number;
  /** Mean over classes. */
  macro: ClassScores;
  /** Mean over classes, weighted by how many items each has. */
  weighted: ClassScores;
}

export interface ConfusionMatrixOptions {
  /** Rows as fractions of their sum. @defaultValue false */
  normalize?: boolean;
  /** @defaultValue "Confusion matrix" */
  title?: string;
  /** Decimals of fractions. @defaultValue 2 */
  normDec?: number;
  /** @defaultValue "blues" */
  colormap?: Colormap;
  /** Whether cells say their numbers. @defaultValue true */
  plotTxt?: boolean;
}

const CONFUSION_MATRIX: KnownOptions<ConfusionMatrixOptions> = {
  ...{ normalize: true, title: true, normDec: true, colormap: true, plotTxt: true },
};

/** Which classes a classifier mixes up. */
export class ClassificationInterpretation<X = unknown, Y = unknown> extends Interpretation<X, Y> {
  readonly vocab: readonly Y[];
  readonly #targs: readonly number[];
  readonly #preds: readonly number[];

  private constructor(
    learn: Learner<X, Y>,
    pass: InterpretedPass<X, Y>,
    vocab: readonly Y[],
    targs: readonly number[],
    preds: readonly number[],
  ) {
    super(learn, pass);
    this.vocab = vocab;
    this.#targs = targs;
    this.#preds = preds;
  }

  /** @throws {@link OptionError} if the data has no vocabulary, or an item may have several labels */
  static override async fromLearner<X, Y>(
    learn: Learner<X, Y>,
    options: InterpretOptions<X, Y> = {},
  ): Promise<ClassificationInterpretation<X, Y>> {
    const all = learn.dls.vocab;
    const vocab = (Array.isArray(all?.[0]) ? all.at(-1) : all) as readonly Y[] | undefined;
    if (vocab === undefined) {
      throw new OptionError("ClassificationInterpretation", {
        given: "data without a vocabulary",
        expected: "a classifier's data",
        fix: "use `categoryBlock()` for the target, or `Interpretation` for other models",
      });
    }
    const pass = await interpretedPass(learn, options);
    const { targs, decoded } = pass.found;
    if (targs?.dtype !== "int32" || decoded?.dtype !== "int32" || targs.values.length !== decoded.values.length) {
      throw new OptionError("ClassificationInterpretation", {
        given: `targets ${fmtShape(targs?.shape ?? [])} and predictions ${fmtShape(decoded?.shape ?? [])}`,
        expected: "one class index each",
        fix: "use a loss of class indices, such as `CrossEntropyLossFlat`; for items with several labels `Interpretation`",
      });
    }
    return new ClassificationInterpretation(learn, pass, vocab, targs.toArray(), decoded.toArray());
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

  /** The matrix as colors, the first class on top. */
  plotConfusionMatrix(options: ConfusionMatrixOptions = {}): Figure {
    checkOptions("plotConfusionMatrix", options, CONFUSION_MATRIX);
    const { normalize = false, title = "Confusion matrix", normDec = 2, colormap = "blues", plotTxt = true } = options;
    const counts = this.confusionMatrix();
    const labels = this.vocab.map(String);
    return heatMap({
      values: normalize ? counts.map((row) => row.map((n) => n / (sum(row) || 1))) : counts,
      xLabels: labels,
      yLabels: labels,
      title,
      xLabel: "Predicted",
      yLabel: "Actual",
      colormap,
      annotate: plotTxt && (normalize ? (value) => value.toFixed(normDec) : true),
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
  classificationReport(): ClassificationReport<Y> {
    const matrix = this.confusionMatrix();
    const total = sum(matrix.flat());
    const scores = matrix.map((row, i): ClassScores => {
      const support = sum(row);
      const predicted = sum(matrix.map((r) => r[i] ?? 0));
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
      const of = (key: "precision" | "recall" | "f1"): number =>
        sum(scores.map((score, i) => score[key] * (weights[i] ?? 0))) / (sum(weights) || 1);
      return { precision: of("precision"), recall: of("recall"), f1: of("f1"), support: total };
    };
    return {
      classes: new Map(this.vocab.map((v, i) => [v, scores[i] as ClassScores])),
      accuracy: total === 0 ? 0 : sum(matrix.map((row, i) => row[i] ?? 0)) / total,
      macro: average(scores.map(() => 1)),
      weighted: average(scores.map((s) => s.support)),
    };
  }

  /** The report as a table. */
  plotClassificationReport(): Figure {
    const { classes, accuracy, macro, weighted } = this.classificationReport();
    const row = (name: string, { precision, recall, f1, support }: ClassScores): (string | number)[] => [
      name,
      precision.toFixed(2),
      recall.toFixed(2),
      f1.toFixed(2),
      support,
    ];
    return table({
      columns: ["", "precision", "recall", "f1-score", "support"],
      rows: [
        ...[...classes].map(([name, scores]) => row(String(name), scores)),
        ["accuracy", "", "", accuracy.toFixed(2), macro.support],
        row("macro avg", macro),
        row("weighted avg", weighted),
      ],
    });
  }

  /** Prints the report as text. */
  printClassificationReport(): void {
    console.log(this.plotClassificationReport().toText());
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

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
