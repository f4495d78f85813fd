import { type Figure, imageGrid } from "@layerwise/plot";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "../backend/index.ts";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { fmtShape, OptionError, ShapeError } from "../errors.ts";
import { rng } from "../random.ts";
import { type Explained, integratedGradients, type NoiseKind, noiseTunnel, occlusion } from "./attribution.ts";
import { HostTensor } from "./hostTensor.ts";
import type { Learner } from "./learner.ts";
import { lossParts } from "./lossParts.ts";

export interface AttributionOptions {
  /** Integrated gradients, the same over noisy copies (noise tunnel), or occlusion. @defaultValue "IG" */
  metric?: "IG" | "NT" | "Occl";
  /** What stands for nothing: zeros, noise in 0…1, or the mean of that and the input. @defaultValue "zeros" */
  baselineType?: "zeros" | "uniform" | "gauss";
  /** Points on the way from the baseline. @defaultValue 50 */
  nSteps?: number;
  /** @defaultValue "smoothgrad" */
  ntType?: NoiseKind;
  /** Noisy copies. @defaultValue 5 */
  ntSamples?: number;
  /** Standard deviation of the noise. @defaultValue 1 */
  ntStd?: number;
  /** Height and width of the window of occlusion, in pixels. @defaultValue [15, 15] */
  slidingWindow?: readonly [number, number];
  /** How far it moves. @defaultValue [4, 4] */
  strides?: readonly [number, number];
  /** Which output is explained. @defaultValue the predicted class */
  target?: number;
}

export interface PlotAttributionOptions {
  /** Both signs (red for, blue against), or what speaks for the class only. @defaultValue "all" */
  sign?: "all" | "positive";
  /** Largest values that share the strongest color, in percent, 0…100. @defaultValue 1 */
  outlierPerc?: number;
}

/** What each number of an input does to one output. */
export interface Attribution {
  /** Like the input without its batch axis, `[H, W, C]`. */
  values: HostTensor;
  /** The input as the model saw it. */
  input: HostTensor;
  /** The output that is explained. */
  target: number;
  /** The input, and the attribution as colors, summed over channels. */
  plot(options?: PlotAttributionOptions): Figure;
}

const OPTIONS: KnownOptions<AttributionOptions> = {
  metric: true,
  baselineType: true,
  nSteps: true,
  ntType: true,
  ntSamples: true,
  ntStd: true,
  slidingWindow: true,
  strides: true,
  target: true,
};

/** Which parts of a picture speak for the class that a model sees in it. */
export class AttributionInterpretation<X = unknown, Y = unknown> {
  readonly #learn: Learner<X, Y>;

  constructor(learn: Learner<X, Y>) {
    this.#learn = learn;
  }

  /**
   * Explains the prediction for one raw item, such as the path of a picture.
   * @throws {@link ShapeError} for a model whose input is no picture, `[N, H, W, C]`
   */
  async attribute(item: unknown, options: AttributionOptions = {}): Promise<Attribution> {
    checkAttribution(options);
    await useBackend();
    const { model, lossFunc } = this.#learn;
    const batch = await this.#learn.dls.testDl([item]).oneBatch();
    try {
      const [x, ...more] = batch.xb.map(({ data }) => data);
      if (x?.rank !== 4 || x.dtype !== "float32" || more.length > 0) {
        throw new ShapeError("AttributionInterpretation", {
          given: batch.xb.map(({ data }) => `${data.dtype} ${fmtShape(data.shape)}`).join(", "),
          expected: "one picture, float32 [1, H, W, C]",
        });
      }
      const target =
        options.target ?? (await predicted(x, (input) => model.evaluating(() => model.call(input)), lossFunc));
      const found = model.evaluating(() => tf.tidy(() => attributionOf(outputOf(this.#learn, target), x, options)));
      const [values, input] = [await firstRow(found), await firstRow(x)];
      found.dispose();
      return { values, input, target, plot: (how = {}) => plotAttribution(input, values, how) };
    } finally {
      batch.dispose();
    }
  }

  /** The same as a picture. */
  async visualize(item: unknown, options: AttributionOptions & PlotAttributionOptions = {}): Promise<Figure> {
    const { sign, outlierPerc, ...rest } = options;
    const { plot } = await this.attribute(item, rest);
    return plot({ ...(sign ? { sign } : {}), ...(outlierPerc === undefined ? {} : { outlierPerc }) });
  }
}

/** One output of the model for every row. */
function outputOf(learn: Learner, target: number): Explained {
  return (x) => {
    const pred = learn.model.call(x) as tf.Tensor;
    const outputs = pred.shape.at(-1) ?? 1;
    if (pred.rank !== 2 || target >= outputs) {
      throw new ShapeError("AttributionInterpretation", {
        given: `outputs ${fmtShape(pred.shape)}, target ${target}`,
        expected: "one row of outputs per picture, and a target among them",
      });
    }
    return tf.reshape(tf.slice(pred, [0, target], [-1, 1]), [-1]);
  };
}

function attributionOf(f: Explained, x: tf.Tensor, options: AttributionOptions): tf.Tensor {
  const {
    metric = "IG",
    baselineType = "zeros",
    nSteps = 50,
    ntType = "smoothgrad",
    ntSamples = 5,
    ntStd = 1,
  } = options;
  const { slidingWindow = [15, 15], strides = [4, 4] } = options;
  const baseline = makeBaseline(x, baselineType);
  if (metric === "Occl") return occlusion(f, x, baseline, { window: slidingWindow, stride: strides });
  const gradients = (input: tf.Tensor): tf.Tensor => integratedGradients(f, input, baseline, nSteps);
  return metric === "IG" ? gradients(x) : noiseTunnel(gradients, x, { kind: ntType, n: ntSamples, std: ntStd });
}

function makeBaseline(x: tf.Tensor, type: "zeros" | "uniform" | "gauss"): tf.Tensor {
  if (type === "zeros") return tf.zerosLike(x);
  const generator = rng();
  const noise = tf.tensor(
    Float32Array.from({ length: x.size }, () => generator.uniform()),
    x.shape,
  );
  return type === "uniform" ? noise : tf.div(tf.add(noise, x), 2);
}

async function predicted(x: tf.Tensor, run: (x: tf.Tensor) => unknown, loss: Learner["lossFunc"]): Promise<number> {
  const { activation } = lossParts(loss);
  const best = tf.tidy(() => tf.argMax(activation(run(x) as tf.Tensor), -1));
  const [index = 0] = await best.data();
  best.dispose();
  return index;
}

async function firstRow(tensor: tf.Tensor): Promise<HostTensor> {
  return (await HostTensor.read(tensor)).row(0);
}

function plotAttribution(input: HostTensor, values: HostTensor, options: PlotAttributionOptions): Figure {
  checkOptions("Attribution.plot", options, { sign: true, outlierPerc: true });
  const { sign = "all", outlierPerc = 1 } = options;
  if ((sign !== "all" && sign !== "positive") || !(outlierPerc >= 0 && outlierPerc <= 100)) {
    throw new OptionError("Attribution.plot", {
      given: JSON.stringify({ sign, outlierPerc }),
      expected: 'sign "all" or "positive", outlierPerc from 0 to 100',
    });
  }
  const [height = 1, width = 1, channels = 1] = input.shape;
  const perPixel = Array.from({ length: height * width }, (_, p) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += values.values[p * channels + c] ?? 0;
    return sign === "positive" ? Math.max(sum, 0) : sum;
  });
  const sizes = perPixel.map(Math.abs).sort((a, b) => a - b);
  const most = sizes[Math.ceil((sizes.length - 1) * (1 - outlierPerc / 100))] || 1;
  const heat = Uint8Array.from(perPixel.flatMap((value) => color(Math.max(-1, Math.min(1, value / most)))));
  const [low, high] = input.toArray().reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  const gray = (v: number): number => Math.round((255 * (v - low)) / (high - low || 1));
  const shown = channels === 3 ? 3 : 1;
  const pixels = Uint8Array.from({ length: height * width * shown }, (_, i) =>
    gray(input.values[Math.floor(i / shown) * channels + (i % shown)] ?? 0),
  );
  return imageGrid([
    { image: { width, height, channels: shown, data: pixels }, title: "input" },
    { image: { width, height, channels: 3, data: heat }, title: "attribution" },
  ]);
}

/** White for 0, red for 1, blue for -1. */
function color(value: number): [number, number, number] {
  const rest = Math.round(255 * (1 - Math.abs(value)));
  return value >= 0 ? [255, rest, rest] : [rest, rest, 255];
}

function checkAttribution(options: AttributionOptions): void {
  checkOptions("AttributionInterpretation", options, OPTIONS);
  const { metric = "IG", baselineType = "zeros", ntType = "smoothgrad", target = 0 } = options;
  const { nSteps = 50, ntSamples = 5, ntStd = 1, slidingWindow = [15, 15], strides = [4, 4] } = options;
  const counts = [nSteps, ntSamples, ...slidingWindow, ...strides];
  const isKnown =
    ["IG", "NT", "Occl"].includes(metric) &&
    ["zeros", "uniform", "gauss"].includes(baselineType) &&
    ["smoothgrad", "smoothgradSq", "vargrad"].includes(ntType);
  if (
    isKnown &&
    counts.every((n) => Number.isInteger(n) && n >= 1) &&
    ntStd >= 0 &&
    Number.isInteger(target) &&
    target >= 0
  )
    return;
  throw new OptionError("AttributionInterpretation", {
    given: JSON.stringify(options),
    expected:
      'metric "IG", "NT" or "Occl"; baselineType "zeros", "uniform" or "gauss"; ntType "smoothgrad", "smoothgradSq" or ' +
      '"vargrad"; whole numbers from 1 for steps, samples, windows and strides; target from 0',
  });
}
