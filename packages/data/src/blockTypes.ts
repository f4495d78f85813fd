import type { TransformBlock } from "./transformBlock.ts";

/** A block, or the function that makes it: `categoryBlock()` or `categoryBlock`. */
export type BlockLike = TransformBlock<never, unknown> | (() => TransformBlock<never, unknown>);

type DecodedOf<B> = B extends () => infer Made
  ? DecodedOf<Made>
  : B extends TransformBlock<never, infer D>
    ? D
    : unknown;
type AllDecoded<B extends readonly unknown[]> = { -readonly [I in keyof B]: DecodedOf<B[I]> };
type Unwrap<T extends readonly unknown[]> = T extends readonly []
  ? undefined
  : T extends readonly [infer One]
    ? One
    : T;

/** All but the last; the one there is, if there is one. */
type Initial<T extends readonly unknown[]> = T extends readonly [infer One]
  ? [One]
  : T extends readonly [...infer Head, unknown]
    ? Head
    : T;
type Last<T extends readonly unknown[]> = T extends readonly [unknown]
  ? []
  : T extends readonly [...unknown[], infer End]
    ? [End]
    : T;

type Take<
  T extends readonly unknown[],
  N extends number,
  Taken extends readonly unknown[] = [],
> = Taken["length"] extends N
  ? Taken
  : T extends readonly [infer Head, ...infer Rest]
    ? Take<Rest, N, [...Taken, Head]>
    : Taken;
type Drop<
  T extends readonly unknown[],
  N extends number,
  Dropped extends readonly unknown[] = [],
> = Dropped["length"] extends N
  ? T
  : T extends readonly [infer Head, ...infer Rest]
    ? Drop<Rest, N, [...Dropped, Head]>
    : [];

/** What a person gets as the input of a sample: of the first `N` blocks, by default of all but the last. */
export type InputOf<
  B extends readonly BlockLike[],
  N extends number | undefined = undefined,
> = number extends B["length"] ? unknown : Unwrap<N extends number ? Take<AllDecoded<B>, N> : Initial<AllDecoded<B>>>;

/** What a person gets as the target: of the remaining blocks. */
export type TargetOf<
  B extends readonly BlockLike[],
  N extends number | undefined = undefined,
> = number extends B["length"] ? unknown : Unwrap<N extends number ? Drop<AllDecoded<B>, N> : Last<AllDecoded<B>>>;
