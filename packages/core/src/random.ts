import { checkOptions } from "./checkOptions.ts";
import { OptionError } from "./errors.ts";

const N = 624;
const M = 397;

/** State of a generator, plain data for checkpoints. */
export interface RngState {
  words: number[];
  index: number;
  /** The second of a pair of normal numbers, if the first one was drawn already. */
  spare: number | null;
}

/**
 * Mersenne Twister 19937, the generator behind `torch.randperm`, so that a seed gives fastai's splits.
 * @see Matsumoto & Nishimura 1998, "Mersenne twister"
 */
export class Rng {
  #words = new Uint32Array(N);
  #index = N;
  #spare: number | null = null;

  constructor(seed: number) {
    this.seed(seed);
  }

  /** Starts again from `seed`, an integer. */
  seed(seed: number): void {
    if (!Number.isInteger(seed)) {
      throw new OptionError("Rng.seed", { given: `${seed}`, expected: "an integer seed" });
    }
    const words = this.#words;
    let word = seed | 0;
    words[0] = word;
    for (let i = 1; i < N; i++) {
      word = (Math.imul(word ^ (word >>> 30), 1812433253) + i) | 0;
      words[i] = word;
    }
    this.#index = N;
    this.#spare = null;
  }

  /** Next integer in 0…2^32-1. */
  uint32(): number {
    if (this.#index >= N) this.#refill();
    let y = this.#words[this.#index++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /** A number in [low, high), 53 random bits, the same as `numpy.random.RandomState(seed)` draws. */
  uniform(low = 0, high = 1): number {
    const a = this.uint32() >>> 5;
    const b = this.uint32() >>> 6;
    return low + (high - low) * ((a * 67108864 + b) / 9007199254740992);
  }

  /** An integer in [low, high). */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low));
  }

  /** A draw from the normal distribution, the same as `torch.empty(1).normal_(mean, std)` after `torch.manual_seed`. */
  normal(mean = 0, std = 1): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return mean + std * spare;
    }
    const angle = 2 * Math.PI * this.#double();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#double()));
    this.#spare = radius * Math.sin(angle);
    return mean + std * radius * Math.cos(angle);
  }

  /** A number in [0, 1) as PyTorch makes one of 64 bits; `uniform` makes it as NumPy does. */
  #double(): number {
    const high = this.uint32() & 0x1fffff;
    return (high * 2 ** 32 + this.uint32()) / 2 ** 53;
  }

  /** A draw from Gamma(shape, 1). @see Marsaglia & Tsang 2000 */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * (1 - this.uniform()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** A draw from Beta(a, b). */
  beta(a: number, b: number): number {
    const x = this.gamma(a);
    const y = this.gamma(b);
    return x + y === 0 ? 0.5 : x / (x + y);
  }

  /** 0…n-1 in random order, the same as `torch.randperm(n)` after `torch.manual_seed(seed)`. */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = 0; i < n - 1; i++) {
      const j = i + (this.uint32() % (n - i));
      const kept = order[i]!;
      order[i] = order[j]!;
      order[j] = kept;
    }
    return order;
  }

  /** Index drawn in proportion to `weights` (0 or more, not all 0). */
  weighted(weights: readonly number[]): number {
    let target = this.uniform() * weights.reduce((sum, w) => sum + w, 0);
    for (let i = 0; i < weights.length; i++) {
      target -= weights[i]!;
      if (target < 0) return i;
    }
    return weights.length - 1;
  }

  state(): RngState {
    return { words: [...this.#words], index: this.#index, spare: this.#spare };
  }

  setState({ words, index, spare }: RngState): void {
    if (words.length !== N || !Number.isInteger(index) || index < 0 || index > N) {
      throw new OptionError("Rng.setState", { given: `${words.length} words, index ${index}`, expected: `${N} words` });
    }
    this.#words = Uint32Array.from(words);
    this.#index = index;
    this.#spare = spare;
  }

  // Every loader makes a generator per augmented item, so this runs often: no remainder in the loops.
  #refill(): void {
    const words = this.#words;
    for (let k = 0; k < N - M; k++) words[k] = words[k + M]! ^ twist(words[k]!, words[k + 1]!);
    for (let k = N - M; k < N - 1; k++) words[k] = words[k + M - N]! ^ twist(words[k]!, words[k + 1]!);
    words[N - 1] = words[M - 1]! ^ twist(words[N - 1]!, words[0]!);
    this.#index = 0;
  }
}

function twist(high: number, low: number): number {
  const y = (high & 0x80000000) | (low & 0x7fffffff);
  return (y >>> 1) ^ (-(y & 1) & 0x9908b0df);
}

const shared = new Rng(Math.floor(Math.random() * 2 ** 32));

/** The generator that everything in layerwise draws from: weights, shuffling, augmentation, dropout. */
export function rng(): Rng {
  return shared;
}

export interface SetSeedOptions {
  /**
   * Also ask TensorFlow for ops that give the same bits each time, on GPUs too; before the backend starts. The other
   * backends do so anyway.
   * @defaultValue false
   */
  reproducible?: boolean;
}

/** Makes every later draw repeatable. */
export function setSeed(seed: number, options: SetSeedOptions = {}): void {
  checkOptions("setSeed", options, { reproducible: true });
  const { reproducible = false } = options;
  shared.seed(seed);
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  if (reproducible && process !== undefined) process.env.TF_DETERMINISTIC_OPS = "1";
}

/** State of the shared generator, for checkpoints. */
export function randomState(): RngState {
  return shared.state();
}

export function setRandomState(state: RngState): void {
  shared.setState(state);
}

/** Runs `body` from `seed` and puts the shared generator back as it was, also when `body` throws. */
export async function withNoRandom<T>(body: () => T | Promise<T>, seed = 42): Promise<T> {
  const before = shared.state();
  shared.seed(seed);
  try {
    return await body();
  } finally {
    shared.setState(before);
  }
}
