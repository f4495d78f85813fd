import * as tf from "@tensorflow/tfjs-core";
import { OptionError } from "../errors.ts";
import { type Draw, drawn, normalDraw, skipsInit, uniformDraw } from "./draws.ts";
import type { AnyModule } from "./module.ts";
import type { Weight, WeightLayout } from "./parameter.ts";
import { torchShape } from "./state.ts";

/** Fills a weight with a first draw. */
export type InitFunc = (weight: Weight) => void;

/** Activations that a gain is known for. */
export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

export interface KaimingOptions {
  /** Negative slope of the leaky ReLU that follows. @defaultValue 0 */
  a?: number;
  /** Keep the variance in the forward (`fanIn`) or backward pass (`fanOut`). @defaultValue "fanIn" */
  mode?: "fanIn" | "fanOut";
  /** @defaultValue "leakyRelu" */
  nonlinearity?: Nonlinearity;
}

function redraw(weight: Weight, draw: Draw): void {
  if (!skipsInit()) weight.assign(drawn(weight.shape, draw, weight.layout));
}

/** Numbers that feed into one output (`fanIn`) and outputs that one number feeds (`fanOut`). */
export function fans({ shape, layout }: Pick<Weight, "shape" | "layout">): { fanIn: number; fanOut: number } {
  if (shape.length < 2) {
    throw new OptionError("init", { given: `a weight of shape [${shape}]`, expected: "two axes or more" });
  }
  if (layout !== "same") {
    const field = shape.slice(0, -2).reduce((product, n) => product * n, 1);
    return { fanIn: shape.at(-2)! * field, fanOut: shape.at(-1)! * field };
  }
  const rest = shape.slice(2).reduce((product, n) => product * n, 1);
  return { fanIn: shape[1]! * rest, fanOut: shape[0]! * rest };
}

/** Factor that keeps the spread of activations through a nonlinearity. */
export function gain(nonlinearity: Nonlinearity, a = 0.01): number {
  switch (nonlinearity) {
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leakyRelu":
      return Math.sqrt(2 / (1 + a * a));
    case "selu":
      return 3 / 4;
    default:
      return 1;
  }
}

function kaimingStd(weight: Weight, { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" }: KaimingOptions): number {
  return gain(nonlinearity, a) / Math.sqrt(fans(weight)[mode]);
}

/** Normal draw that keeps the variance through ReLUs. @see He et al. 2015, https://arxiv.org/abs/1502.01852 */
export function kaimingNormal(weight: Weight, options: KaimingOptions = {}): void {
  const std = kaimingStd(weight, options);
  redraw(weight, normalDraw(0, std));
}

/** Uniform draw that keeps the variance through ReLUs. @see He et al. 2015, https://arxiv.org/abs/1502.01852 */
export function kaimingUniform(weight: Weight, options: KaimingOptions = {}): void {
  const bound = Math.sqrt(3) * kaimingStd(weight, options);
  redraw(weight, uniformDraw(-bound, bound));
}

/** Normal draw that balances both passes. @see Glorot & Bengio 2010 */
export function xavierNormal(weight: Weight, scale = 1): void {
  const { fanIn, fanOut } = fans(weight);
  const std = scale * Math.sqrt(2 / (fanIn + fanOut));
  redraw(weight, normalDraw(0, std));
}

/** Uniform draw that balances both passes. @see Glorot & Bengio 2010 */
export function xavierUniform(weight: Weight, scale = 1): void {
  const { fanIn, fanOut } = fans(weight);
  const bound = scale * Math.sqrt(6 / (fanIn + fanOut));
  redraw(weight, uniformDraw(-bound, bound));
}

export function normalInit(weight: Weight, mean = 0, std = 1): void {
  redraw(weight, normalDraw(mean, std));
}

export function uniformInit(weight: Weight, low = 0, high = 1): void {
  redraw(weight, uniformDraw(low, high));
}

export function constantInit(weight: Weight, value: number): void {
  weight.assign(tf.fill([...weight.shape], value));
}

export function zerosInit(weight: Weight): void {
  constantInit(weight, 0);
}

export function onesInit(weight: Weight): void {
  constantInit(weight, 1);
}

/** A normal draw folded into (-2, 2) by taking the remainder, as fastai draws embeddings; not drawn again. */
export function truncNormal(weight: Weight, mean = 0, std = 1): void {
  redraw(weight, foldedDraw(mean, std));
}

/** Normal numbers, each replaced by its remainder modulo 2 with its sign, then spread by `std` about `mean`. */
export function foldedDraw(mean: number, std: number): Draw {
  const normal = normalDraw();
  return (values) => {
    normal(values);
    for (let i = 0; i < values.length; i++) values[i] = foldNormal(values[i]!) * std + mean;
  };
}

/** Remainder modulo 2, with the sign of `draw`. */
export function foldNormal(draw: number): number {
  return draw % 2;
}

/**
 * Rows (or columns, if there are fewer of them) that are orthogonal to each other.
 * @see Saxe et al. 2013, https://arxiv.org/abs/1312.6120
 */
export function orthogonal(weight: Weight, scale = 1): void {
  const rows = torchShape(weight.shape, weight.layout)[0]!;
  const columns = weight.size / rows;
  const normal = normalDraw();
  redraw(weight, (values) => {
    normal(values);
    const vector = (i: number) =>
      rows < columns
        ? values.subarray(i * columns, (i + 1) * columns)
        : Float32Array.from({ length: rows }, (_, row) => values[row * columns + i]!);
    const basis = orthonormal(Array.from({ length: Math.min(rows, columns) }, (_, i) => vector(i)));
    for (let i = 0; i < values.length; i++) {
      const [row, column] = [Math.floor(i / columns), i % columns];
      values[i] = scale * (rows < columns ? basis[row]![column]! : basis[column]![row]!);
    }
  });
}

/** The vectors made orthonormal one after the other (Gram–Schmidt, twice for precision). */
function orthonormal(vectors: Float32Array[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const given of vectors) {
    const vector = Float64Array.from(given);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        const along = dot(vector, other);
        for (let i = 0; i < vector.length; i++) vector[i]! -= along * other[i]!;
      }
    }
    const norm = Math.sqrt(dot(vector, vector));
    basis.push(vector.map((v) => v / norm));
  }
  return basis;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** PyTorch's first draw of linear and convolution layers: uniform within ±1/sqrt(fanIn). */
export function defaultUniform(shape: readonly number[], fanIn: number, layout: WeightLayout = "same"): tf.Tensor {
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return drawn(shape, uniformDraw(-bound, bound), layout);
}

/** A module with the fields of a layer that has weights. */
export type WeightedModule = AnyModule & { weight?: Weight | null; bias?: Weight | null };

/** Draws `weight` with `func` and zeroes `bias`, if the module has them; a null `func` leaves it as it is. */
export function initDefault<M extends AnyModule>(module: M, func: InitFunc | null = kaimingNormal): M {
  const { weight, bias } = module as WeightedModule;
  if (func === null) return module;
  if (weight && weight.shape.length > 1) func(weight);
  if (bias) zerosInit(bias);
  return module;
}
