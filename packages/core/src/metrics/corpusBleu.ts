import * as tf from "@tensorflow/tfjs-core";
import { fmtShape, ShapeError } from "../errors.ts";
import { Metric, type MetricInput } from "./metric.ts";

interface TokenBatch {
  readonly pred: tf.Tensor;
  readonly targ: tf.Tensor;
}

/** BLEU of the whole validation set, of 1- to 4-grams; smoothed per sentence where no n-gram matches. */
export class CorpusBLEUMetric extends Metric {
  readonly name: string = "corpusBleu";
  #batches: TokenBatch[] = [];

  reset(): void {
    for (const { pred, targ } of this.#batches) tf.dispose([pred, targ]);
    this.#batches = [];
  }

  /** Sees validation only. Predictions `[N, T, V]`, targets `[N, T']`. */
  accumulate({ pred, yb, training }: MetricInput): void {
    if (training) return;
    const [targ] = yb;
    if (pred.shape.length !== 3 || targ?.shape.length !== 2 || targ.shape[0] !== pred.shape[0]) {
      throw new ShapeError("CorpusBLEUMetric", {
        given: `predictions ${fmtShape(pred.shape)}, targets ${targ ? fmtShape(targ.shape) : "missing"}`,
        expected: "scores of every token, [N, T, V], and token ids, [N, T]",
      });
    }
    this.#batches.push({ pred: tf.keep(tf.argMax(pred, -1)), targ: tf.keep(tf.clone(targ)) });
  }

  async value(): Promise<number | null> {
    const totals: BleuTotals = { right: [0, 0, 0, 0], all: [0, 0, 0, 0], predLength: 0, targLength: 0 };
    for (const { pred, targ } of this.#batches) {
      const [preds, targs] = await Promise.all([pred.data(), targ.data()]);
      const [n, predLength, targLength] = [pred.shape[0]!, pred.shape[1]!, targ.shape[1]!];
      for (let i = 0; i < n; i++) {
        addSentence(
          totals,
          preds.subarray(i * predLength, (i + 1) * predLength),
          targs.subarray(i * targLength, (i + 1) * targLength),
        );
      }
    }
    return bleu(totals);
  }
}

interface BleuTotals {
  right: number[];
  all: number[];
  predLength: number;
  targLength: number;
}

type Tokens = Float32Array | Int32Array | Uint8Array;

function countGrams(tokens: Tokens, n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = tokens.subarray(i, i + n).join(" ");
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** Adds clipped matches of one sentence; 1/2, 1/4, … in place of the first, second, … 0 (Chen & Cherry 2014, method 3). */
function addSentence(totals: BleuTotals, pred: Tokens, targ: Tokens): void {
  totals.predLength += pred.length;
  totals.targLength += targ.length;
  let smoothing = 1;
  for (let n = 1; n <= 4; n++) {
    const wanted = countGrams(targ, n);
    let matches = 0;
    for (const [gram, count] of countGrams(pred, n)) matches += Math.min(count, wanted.get(gram) ?? 0);
    if (matches === 0) smoothing /= 2;
    totals.right[n - 1]! += matches === 0 ? smoothing : matches;
    totals.all[n - 1]! += Math.max(0, pred.length - n + 1);
  }
}

/** Brevity penalty times the geometric mean of the four precisions; null if no sentence has four tokens. */
function bleu({ right, all, predLength, targLength }: BleuTotals): number | null {
  if (all.some((n) => n === 0)) return null;
  const product = right.reduce((p, r, i) => (p * r) / all[i]!, 1);
  const penalty = predLength < targLength ? Math.exp(1 - targLength / predLength) : 1;
  return penalty * product ** 0.25;
}
