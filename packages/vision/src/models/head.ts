import { checkOptions, type KnownOptions, OptionError } from "@layerwise/core";
import {
  AdaptiveAvgPool2d,
  AdaptiveConcatPool2d,
  type AnyModule,
  BatchNorm1d,
  Dropout,
  Flatten,
  LinBnDrop,
  ReLU,
  Sequential,
  SigmoidRange,
} from "@layerwise/core/nn";

export interface HeadOptions {
  /** Sizes of hidden layers. @defaultValue [512] */
  linFtrs?: readonly number[];
  /** Dropout of the last layer, half of it before; or one per layer. @defaultValue 0.5 */
  ps?: number | readonly number[];
  /** Pool to one number per channel first. @defaultValue true */
  pool?: boolean;
  /** Pool to maximum and mean, which doubles the features. @defaultValue true */
  concatPool?: boolean;
  /** Batch norm before the first linear layer. @defaultValue true */
  firstBn?: boolean;
  /** Batch norm at the end. @defaultValue false */
  bnFinal?: boolean;
  /** Linear, activation, norm, dropout instead of norm, dropout, linear, activation. @defaultValue false */
  linFirst?: boolean;
  /** Squeezes outputs into a range, for regression. */
  yRange?: readonly [low: number, high: number];
}

export const HEAD: KnownOptions<HeadOptions> = {
  ...{
    linFtrs: true,
    ps: true,
    pool: true,
    concatPool: true,
    firstBn: true,
    bnFinal: true,
    linFirst: true,
    yRange: true,
  },
};

/**
 * What turns features into outputs: `[N, H, W, nf]` to `[N, nOut]`.
 * @throws {@link OptionError} if `ps` is a list of another length than there are linear layers
 */
export function createHead(nf: number, nOut: number, options: HeadOptions = {}): Sequential {
  checkOptions("createHead", options, HEAD);
  const { linFtrs = [512], ps = 0.5, pool = true, concatPool = true, firstBn = true } = options;
  const { bnFinal = false, linFirst = false, yRange } = options;
  const sizes = [pool && concatPool ? nf * 2 : nf, ...linFtrs, nOut];
  const count = sizes.length - 1;
  const drops = dropouts(ps, count);
  const layers: AnyModule[] = pool
    ? [concatPool ? new AdaptiveConcatPool2d(1) : new AdaptiveAvgPool2d(1), new Flatten()]
    : [];
  if (linFirst) layers.push(new Dropout(drops[0] ?? 0));
  for (let i = 0; i < count; i++) {
    const last = i === count - 1;
    const bn = (i > 0 || firstBn) && !(linFirst && last);
    const p = linFirst ? (last ? 0 : (drops[i + 1] ?? 0)) : (drops[i] ?? 0);
    const step = new LinBnDrop(sizes[i] as number, sizes[i + 1] as number, {
      bn,
      p,
      act: last ? null : new ReLU(),
      linFirst,
    });
    layers.push(...step.layers);
  }
  if (bnFinal) layers.push(new BatchNorm1d(nOut, { momentum: 0.01 }));
  if (yRange) layers.push(new SigmoidRange(yRange[0], yRange[1]));
  return new Sequential(...layers);
}

function dropouts(ps: number | readonly number[], count: number): readonly number[] {
  const given = typeof ps === "number" ? [ps] : ps;
  const [only] = given;
  if (given.length === 1 && only !== undefined) return [...new Array<number>(count - 1).fill(only / 2), only];
  if (given.length === count) return given;
  throw new OptionError("createHead", {
    given: `${given.length} dropouts in \`ps\` for ${count} linear layers`,
    expected: "one number, or one per layer",
    fix: "`linFtrs` lists the hidden layers; the output layer comes on top",
  });
}
