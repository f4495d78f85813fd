import { Rng, rng } from "@layerwise/core";

/** What {@link TransformContext} is made from. */
export interface TransformContextOptions {
  /** 0 for training, 1 for validation, higher for further subsets. @defaultValue null, none */
  splitIdx?: number | null;
  /** Seed of this item's (or batch's) own generator. @defaultValue none: draws come from the shared `rng()` */
  seed?: number;
  /** The item the value was made from, for messages. */
  item?: unknown;
}

/**
 * What a transform knows about the call: the split, the item, and a generator that is this item's alone,
 * so that its draws do not depend on which of many items is read first.
 */
export class TransformContext<Draw = unknown> {
  readonly splitIdx: number | null;
  readonly item: unknown;
  /** What `beforeCall` of the running {@link RandTransform} drew for the whole sample. */
  draw: Draw = undefined as Draw;
  readonly #seed: number | undefined;
  #rng: Rng | undefined;

  constructor({ splitIdx = null, seed, item }: TransformContextOptions = {}) {
    this.splitIdx = splitIdx;
    this.item = item;
    this.#seed = seed;
  }

  /** A context with draws of its own: for element `i` of a sample, which may be read while others are. */
  fork(i: number): TransformContext {
    const seed = this.#seed === undefined ? {} : { seed: mixSeed(this.#seed, i) };
    return new TransformContext({ splitIdx: this.splitIdx, item: this.item, ...seed });
  }

  /** The generator to draw from; made at the first use, since most items draw nothing. */
  get rng(): Rng {
    if (this.#rng === undefined) this.#rng = this.#seed === undefined ? rng() : new Rng(this.#seed);
    return this.#rng;
  }
}

/** A seed for position `index` of the pass with seed `seed`: neighbors get unrelated streams. */
export function mixSeed(seed: number, index: number): number {
  let h = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}
