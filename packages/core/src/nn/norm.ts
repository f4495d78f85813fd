import * as tf from "@tensorflow/tfjs-core";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { checkWhole } from "../checkWhole.ts";
import { fmtShape, OptionError, ShapeError } from "../errors.ts";
import { layerNorm } from "../fused/index.ts";
import { filled } from "./draws.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

export interface NormOptions {
  /** Added to the variance. @defaultValue 1e-5 */
  eps?: number;
  /** Learn a scale and an offset. @defaultValue true (instance norm: false) */
  affine?: boolean;
}

const NORM: KnownOptions<NormOptions> = { eps: true, affine: true };

/** Normalizes each item over its last axes, which have the sizes `normalizedShape`. @see Ba et al. 2016 */
export class LayerNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(normalizedShape: number | readonly number[], options: NormOptions = {}) {
    super();
    checkOptions(new.target.name, options, NORM);
    const { eps = 1e-5, affine = true } = options;
    const shape = typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    for (const size of shape) checkWhole(new.target.name, "normalizedShape", size, 1);
    this.normalizedShape = shape;
    this.eps = eps;
    this.weight = affine ? new Parameter(filled(shape, 1)) : null;
    this.bias = affine ? new Parameter(filled(shape, 0)) : null;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const { normalizedShape, weight, bias, eps } = this;
    const last = x.shape.slice(-normalizedShape.length);
    if (last.length < normalizedShape.length || last.some((n, i) => n !== normalizedShape[i])) {
      throw new ShapeError("LayerNorm", {
        given: `input ${fmtShape(x.shape)}`,
        expected: `${fmtShape(normalizedShape)} as its last axes`,
      });
    }
    return layerNorm(x, weight?.value ?? null, bias?.value ?? null, eps, normalizedShape.length);
  }
}

/** Normalizes groups of channels of each item, `[N, ..., C]`. @see Wu & He 2018, https://arxiv.org/abs/1803.08494 */
export class GroupNorm extends Module {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(numGroups: number, numChannels: number, options: NormOptions = {}) {
    super();
    checkOptions(new.target.name, options, NORM);
    const { eps = 1e-5, affine = true } = options;
    checkWhole("GroupNorm", "numGroups", numGroups, 1);
    checkWhole("GroupNorm", "numChannels", numChannels, 1);
    if (numChannels % numGroups !== 0) {
      const given = `${numGroups} groups for ${numChannels} channels`;
      throw new OptionError("GroupNorm", { given, expected: "a number of groups that divides the channels" });
    }
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.weight = affine ? new Parameter(filled([numChannels], 1)) : null;
    this.bias = affine ? new Parameter(filled([numChannels], 0)) : null;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    if (x.rank < 2 || x.shape.at(-1) !== this.numChannels) {
      const expected = `${this.numChannels} channels on the last axis`;
      throw new ShapeError("GroupNorm", { given: `input ${fmtShape(x.shape)}`, expected });
    }
    return tf.tidy(() => {
      const [n, groups, each] = [x.shape[0]!, this.numGroups, this.numChannels / this.numGroups];
      const grouped = tf.reshape(x, [n, -1, groups, each]);
      const mean = tf.mean(grouped, [1, 3], true); // [N, 1, G, 1]
      const centered = tf.sub(grouped, mean);
      const variance = tf.mean(tf.square(centered), [1, 3], true);
      const normal = tf.reshape(tf.mul(centered, tf.rsqrt(tf.add(variance, this.eps))), x.shape);
      const scaled = this.weight === null ? normal : tf.mul(normal, this.weight.value);
      return this.bias === null ? scaled : tf.add(scaled, this.bias.value);
    });
  }
}

abstract class InstanceNormBase extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(numFeatures: number, options: NormOptions = {}) {
    super();
    checkOptions(new.target.name, options, NORM);
    const { eps = 1e-5, affine = false } = options;
    checkWhole(new.target.name, "numFeatures", numFeatures, 1);
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.weight = affine ? new Parameter(filled([numFeatures], 1)) : null;
    this.bias = affine ? new Parameter(filled([numFeatures], 0)) : null;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    if (x.rank < 3 || x.shape.at(-1) !== this.numFeatures) {
      const expected = `${this.numFeatures} channels on the last of 3 or more axes`;
      throw new ShapeError(this.constructor.name, { given: `input ${fmtShape(x.shape)}`, expected });
    }
    return tf.tidy(() => {
      const axes = x.shape.map((_, axis) => axis).slice(1, -1);
      const centered = tf.sub(x, tf.mean(x, axes, true));
      const variance = tf.mean(tf.square(centered), axes, true); // [N, 1, 1, C]
      const normal = tf.mul(centered, tf.rsqrt(tf.add(variance, this.eps)));
      const scaled = this.weight === null ? normal : tf.mul(normal, this.weight.value);
      return this.bias === null ? scaled : tf.add(scaled, this.bias.value);
    });
  }
}

/** Normalizes each channel of each sequence, `[N, L, C]`. @see Ulyanov et al. 2016, https://arxiv.org/abs/1607.08022 */
export class InstanceNorm1d extends InstanceNormBase {}
/** Normalizes each channel of each picture, `[N, H, W, C]`. @see Ulyanov et al. 2016, https://arxiv.org/abs/1607.08022 */
export class InstanceNorm2d extends InstanceNormBase {}
/** Normalizes each channel of each volume, `[N, D, H, W, C]`. @see Ulyanov et al. 2016, https://arxiv.org/abs/1607.08022 */
export class InstanceNorm3d extends InstanceNormBase {}
