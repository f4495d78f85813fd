import * as tf from "@tensorflow/tfjs-core";
import { OptionError, StateError } from "../errors.ts";
import { rng } from "../random.ts";
import type { AnyModule } from "./module.ts";
import type { Weight } from "./parameter.ts";

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

let skipping = false;

/** Builds a model without drawing its weights: for weights that a file brings. They are all zero until then. */
export function skipInit<T>(build: () => T): T {
  const before = skipping;
  skipping = true;
  try {
    return build();
  } finally {
    skipping = before;
  }
}

/** A tensor of `shape`, each number drawn by `draw`. */
export function drawn(shape: readonly number[], draw: () => number): tf.Tensor {
  if (tf.engine().backendNames().length === 0) {
    throw new StateError("core/nn", {
      given: "a layer with weights before any backend runs",
      expected: "a backend to put them on",
      fix: "`await useBackend()` first; loaders and `loadLearner` do so by themselves",
    });
  }
  const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
  if (!skipping) for (let i = 0; i < values.length; i++) values[i] = draw();
  return tf.tensor(values, [...shape], "float32");
}

/** Draws from a normal distribution, 32 random bits each: half the work of `Rng.normal`, enough for float32. */
export function normalDraw(mean = 0, std = 1): () => number {
  const generator = rng();
  let spare = Number.NaN;
  return () => {
    if (!Number.isNaN(spare)) {
      const draw = mean + std * spare;
      spare = Number.NaN;
      return draw;
    }
    const radius = Math.sqrt(-2 * Math.log((generator.uint32() + 0.5) / 2 ** 32));
    const angle = (2 * Math.PI * generator.uint32()) / 2 ** 32;
    spare = radius * Math.sin(angle);
    return mean + std * radius * Math.cos(angle);
  };
}

/** Draws between `low` and `high`, 32 random bits each. */
function uniformDraw(low: number, high: number): () => number {
  const generator = rng();
  const step = (high - low) / 2 ** 32;
  return () => low + step * generator.uint32();
}

function redraw(weight: Weight, draw: () => number): void {
  if (!skipping) weight.assign(drawn(weight.shape, draw));
}

/** Numbers that feed into one output (`fanIn`) and outputs that one number feeds (`fanOut`). */
export function fans({ shape, layout }: Pick<Weight, "shape" | "layout">): { fanIn: number; fanOut: number } {
  if (shape.length < 2) {
    throw new OptionError("init", { given: `a weight of shape [${shape}]`, expected: "two axes or more" });
  }
  const inFirst = layout === "linear" || layout === "conv1d" || layout === "conv2d";
  const field = shape.slice(0, -2).reduce((product, n) => product * n, 1);
  const [a, b] = [shape.at(-2)!, shape.at(-1)!];
  if (inFirst) return { fanIn: a * field, fanOut: b * field };
  if (layout === "convTranspose2d") return { fanIn: a * field, fanOut: b * field };
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
  const draw = normalDraw();
  redraw(weight, () => foldNormal(draw()) * std + mean);
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
  if (skipping) return;
  const outputs = weight.layout === "same" ? weight.shape[0]! : weight.shape.at(-1)!;
  const inputs = weight.size / outputs;
  const [tall, wide] = [Math.max(outputs, inputs), Math.min(outputs, inputs)];
  const basis = orthonormal(tall, wide); // wide vectors of length tall
  const values = new Float32Array(weight.size);
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      const value = outputs <= inputs ? basis[output]![input]! : basis[input]![output]!;
      values[weight.layout === "same" ? output * inputs + input : input * outputs + output] = scale * value;
    }
  }
  weight.assign(tf.tensor(values, weight.shape));
}

/** `count` random vectors of `length`, made orthonormal (Gram–Schmidt, twice for precision). */
function orthonormal(length: number, count: number): Float64Array[] {
  const basis: Float64Array[] = [];
  const draw = normalDraw();
  while (basis.length < count) {
    const vector = Float64Array.from({ length }, draw);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        const along = dot(vector, other);
        for (let i = 0; i < length; i++) vector[i]! -= along * other[i]!;
      }
    }
    const norm = Math.sqrt(dot(vector, vector));
    if (norm > 1e-8) basis.push(vector.map((v) => v / norm));
  }
  return basis;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** PyTorch's first draw of linear and convolution layers: uniform within ±1/sqrt(fanIn). */
export function defaultUniform(shape: readonly number[], fanIn: number): tf.Tensor {
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return drawn(shape, uniformDraw(-bound, bound));
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
