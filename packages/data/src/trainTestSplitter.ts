import { checkOptions, DataError, type KnownOptions, OptionError, Rng, rng } from "@layerwise/core";
import type { PositionSplitter } from "./splitters.ts";

/** Options of {@link trainTestSplitter}. */
export interface TrainTestSplitterOptions {
  /** What validates: a part between 0 and 1, rounded up, or from 1 on a number of items. @defaultValue 0.2 */
  testSize?: number;
  /** What trains: a part between 0 and 1, rounded down, or a number of items; all others if not given. */
  trainSize?: number;
  /** An integer for a split that is always the same; the same seed gives scikit-learn's split. */
  seed?: number;
  /** Label of each item; both subsets keep the proportions of the labels. */
  stratify?: readonly (string | number | boolean)[];
  /** `false` keeps the order: the first items train, those after them validate. @defaultValue true */
  shuffle?: boolean;
}

const known: KnownOptions<TrainTestSplitterOptions> = {
  testSize: true,
  trainSize: true,
  seed: true,
  stratify: true,
  shuffle: true,
};

/**
 * Splits as scikit-learn's `train_test_split` does, if wanted with the same proportion of each label on both sides.
 * @throws {@link DataError} if there are too few items, or too few of one label
 */
export function trainTestSplitter(options: TrainTestSplitterOptions = {}): PositionSplitter {
  checkOptions("trainTestSplitter", options, known);
  const { testSize = 0.2, trainSize, seed, stratify, shuffle = true } = options;
  checkSize("testSize", testSize);
  if (trainSize !== undefined) checkSize("trainSize", trainSize);
  if (!shuffle && stratify) {
    throw new OptionError("trainTestSplitter", {
      given: "`stratify` with `shuffle: false`",
      expected: "one of the two: proportions are kept by drawing at random",
    });
  }
  return ({ length }) => {
    const [train, test] = sizes(length, testSize, trainSize);
    if (!shuffle) return [range(0, train), range(train, train + test)];
    const draw = new NumpyShuffle(seed ?? rng().uint32());
    if (stratify) return stratified(length, stratify, train, test, draw);
    const order = draw.permutation(length);
    return [order.slice(test, test + train), order.slice(0, test)];
  };
}

/** Draws for each label on its own, then mixes. @see scikit-learn's `StratifiedShuffleSplit` */
function stratified(
  length: number,
  labels: readonly (string | number | boolean)[],
  train: number,
  test: number,
  draw: NumpyShuffle,
): number[][] {
  if (labels.length !== length) {
    throw new DataError("trainTestSplitter", {
      given: `${labels.length} labels in \`stratify\``,
      expected: `one per item, ${length}`,
    });
  }
  const classes = [...new Set(labels)].sort((a, b) => (a < b ? -1 : 1));
  const members = classes.map((label) => range(0, length).filter((i) => labels[i] === label));
  const rare = members.findIndex((found) => found.length < 2);
  if (rare >= 0) {
    throw new DataError("trainTestSplitter", {
      given: `one item with the label ${JSON.stringify(classes[rare])}`,
      expected: "at least two of each label, one for each side",
      fix: "drop the items with rare labels, or split without `stratify`",
    });
  }
  if (Math.min(train, test) < classes.length) {
    throw new DataError("trainTestSplitter", {
      given: `${train} items to train and ${test} to validate, for ${classes.length} labels`,
      expected: "at least as many items as labels on each side",
    });
  }
  const counts = members.map((found) => found.length);
  const trainCounts = share(counts, train, draw);
  const rest = counts.map((count, c) => count - trainCounts[c]!);
  const testCounts = share(rest, test, draw);
  const sides: [number[], number[]] = [[], []];
  members.forEach((found, c) => {
    const order = draw.permutation(found.length).map((i) => found[i]!);
    const cut = trainCounts[c]!;
    sides[0].push(...order.slice(0, cut));
    sides[1].push(...order.slice(cut, cut + testCounts[c]!));
  });
  return sides.map((side) => draw.shuffle(side));
}

/** Shares `total` draws out in proportion to `counts`; what rounding leaves goes to the largest fractions, ties by lot. */
function share(counts: readonly number[], total: number, draw: NumpyShuffle): number[] {
  const sum = counts.reduce((a, b) => a + b, 0);
  const exact = counts.map((count) => (count / sum) * total);
  const whole = exact.map(Math.floor);
  const fractions = exact.map((value, i) => value - whole[i]!);
  let left = Math.trunc(total - whole.reduce((a, b) => a + b, 0));
  for (const value of [...new Set(fractions)].sort((a, b) => b - a)) {
    if (left <= 0) break;
    const tied = range(0, counts.length).filter((i) => fractions[i] === value);
    const lucky = draw.permutation(tied.length).slice(0, Math.min(tied.length, left));
    for (const i of lucky) whole[tied[i]!]!++;
    left -= lucky.length;
  }
  return whole;
}

/** NumPy's `RandomState.shuffle`: the Mersenne Twister of {@link Rng}, but other draws than PyTorch's. */
class NumpyShuffle {
  readonly #rng: Rng;

  constructor(seed: number) {
    this.#rng = new Rng(seed);
  }

  permutation(n: number): number[] {
    return this.shuffle(range(0, n));
  }

  shuffle(values: number[]): number[] {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.#upTo(i);
      const kept = values[i]!;
      values[i] = values[j]!;
      values[j] = kept;
    }
    return values;
  }

  /** 0…max: draws the bits that `max` needs until they are not above it. */
  #upTo(max: number): number {
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const value = (this.#rng.uint32() & mask) >>> 0;
      if (value <= max) return value;
    }
  }
}

function sizes(n: number, testSize: number, trainSize: number | undefined): [train: number, test: number] {
  const test = testSize < 1 ? Math.ceil(testSize * n) : testSize;
  const train = trainSize === undefined ? n - test : trainSize < 1 ? Math.floor(trainSize * n) : trainSize;
  if (train >= 1 && train + test <= n) return [train, test];
  throw new DataError("trainTestSplitter", {
    given: `${n} items for ${train} to train and ${test} to validate`,
    expected: "at least one item to train, and no more than there are",
    fix: "make `testSize` or `trainSize` smaller",
  });
}

function checkSize(option: string, size: number): void {
  if (size > 0 && (size < 1 || Number.isInteger(size))) return;
  throw new OptionError("trainTestSplitter", {
    given: `${option} ${size}`,
    expected: "a part between 0 and 1, or a whole number of items",
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
