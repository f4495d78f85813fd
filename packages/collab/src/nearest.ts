import { OptionError } from "@layerwise/core";
import type { Category } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import type { EmbeddingDotBias, SideOptions } from "./embeddingDotBias.ts";

export interface NearestOptions extends SideOptions {
  /** How many. @defaultValue 5 */
  n?: number;
}

/** A user or item that is like another one. */
export interface Neighbor {
  name: Category;
  /** Cosine of the angle between the two vectors, −1…1. */
  similarity: number;
}

/**
 * The items (or users) whose vectors point most nearly where this one's does, the nearest first.
 * @throws {@link OptionError} for a name that training did not meet
 */
export async function nearest(
  model: EmbeddingDotBias,
  name: Category,
  { n = 5, isItem = true }: NearestOptions = {},
): Promise<Neighbor[]> {
  checkCount("nearest", n);
  const classes = model.classNames({ isItem });
  const id = classes.id(name);
  const scores = tf.tidy(() => {
    const vectors = model.weight(undefined, { isItem }); // [names, nFactors]
    const lengths = tf.maximum(tf.norm(vectors, 2, 1, true), 1e-8);
    const unit = tf.div(vectors, lengths) as tf.Tensor2D;
    return tf.reshape(tf.matMul(unit, tf.slice(unit, id, 1), false, true), [-1]);
  });
  const values = await scores.data();
  scores.dispose();
  return topIds(values, n, (other) => other !== 0 && other !== id).map((other) => ({
    name: classes.names[other]!,
    similarity: values[other]!,
  }));
}

/** Places of the `n` largest numbers among those to keep, the largest first. */
export function topIds(values: ArrayLike<number>, n: number, keep: (id: number) => boolean): number[] {
  return Array.from(values, (_, id) => id)
    .filter(keep)
    .sort((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, n);
}

/** @throws {@link OptionError} unless `n` is a count */
export function checkCount(where: string, n: number): void {
  if (!Number.isInteger(n) || n < 1)
    throw new OptionError(where, { given: `n ${n}`, expected: "an integer of at least 1" });
}
