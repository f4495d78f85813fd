import * as tf from "@tensorflow/tfjs-core";
import { fmtShape, OptionError, ShapeError } from "../errors.ts";
import { conv2d, dilateFilter, explicitPadding, pair, type Size2d } from "./conv2d.ts";
import { defaultUniform } from "./init.ts";
import { Module } from "./module.ts";
import { type PaddingMode, pad2d } from "./padding.ts";
import { Parameter, type Weight } from "./parameter.ts";

export interface ConvOptions<Size = Size2d> {
  /** Height and width of the filter. */
  kernelSize: Size;
  /** @defaultValue 1 */
  stride?: Size;
  /** Pixels added on each side. @defaultValue 0 */
  padding?: Size;
  /** What the added pixels are. @defaultValue "zeros" */
  paddingMode?: PaddingMode;
  /** Distance between the filter's taps. @defaultValue 1 */
  dilation?: Size;
  /** Groups of channels that do not mix; as many as input channels: depthwise. @defaultValue 1 */
  groups?: number;
  /** Add a learned number per output channel. @defaultValue true */
  bias?: boolean;
}

function checkGroups(where: string, inChannels: number, outChannels: number, groups: number): void {
  if (inChannels % groups === 0 && outChannels % groups === 0) return;
  throw new OptionError(where, {
    given: `${groups} groups for ${inChannels} input and ${outChannels} output channels`,
    expected: "a number of groups that divides both",
  });
}

function checkInput(where: string, x: tf.Tensor, rank: number, channels: number): void {
  if (x.rank === rank && x.shape[rank - 1] === channels) return;
  const layout = rank === 4 ? "[N, H, W, C]" : "[N, L, C]";
  throw new ShapeError(where, {
    given: `input ${fmtShape(x.shape)}`,
    expected: x.rank === rank ? `${channels} channels` : `${layout} with ${channels} channels`,
  });
}

/** Convolution over pictures, `[N, H, W, inChannels]` to `[N, H', W', outChannels]`. */
export class Conv2d extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly paddingMode: PaddingMode;
  readonly dilation: readonly [number, number];
  readonly groups: number;
  /** `[kh, kw, inChannels / groups, outChannels]` */
  weight: Weight;
  /** `[outChannels]` */
  bias: Parameter | null;

  constructor(inChannels: number, outChannels: number, options: ConvOptions) {
    super();
    const {
      kernelSize,
      stride = 1,
      padding = 0,
      paddingMode = "zeros",
      dilation = 1,
      groups = 1,
      bias = true,
    } = options;
    checkGroups("Conv2d", inChannels, outChannels, groups);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = pair(kernelSize);
    this.stride = pair(stride);
    this.padding = pair(padding);
    this.paddingMode = paddingMode;
    this.dilation = pair(dilation);
    this.groups = groups;
    const [kh, kw] = this.kernelSize;
    const fanIn = (kh * kw * inChannels) / groups;
    this.weight = new Parameter(defaultUniform([kh, kw, inChannels / groups, outChannels], fanIn), "conv2d");
    this.bias = bias ? new Parameter(defaultUniform([outChannels], fanIn)) : null;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    checkInput("Conv2d", x, 4, this.inChannels);
    const [ph, pw] = this.padding;
    const ahead = this.paddingMode !== "zeros" && ph + pw > 0;
    const padded = ahead
      ? pad2d(
          x,
          [
            [ph, ph],
            [pw, pw],
          ],
          this.paddingMode,
        )
      : x;
    const padding = ahead ? ([0, 0] as const) : this.padding;
    this.#checkSize(x);
    const { stride, dilation, groups } = this;
    const options = { stride, dilation, groups, padding };
    const y = conv2d(padded as tf.Tensor4D, this.weight.value as tf.Tensor4D, options);
    return this.bias === null ? y : tf.add(y, this.bias.value);
  }

  #checkSize(x: tf.Tensor): void {
    for (const axis of [0, 1] as const) {
      const field = (this.kernelSize[axis] - 1) * this.dilation[axis] + 1;
      const size = x.shape[axis + 1]! + 2 * this.padding[axis];
      if (size >= field) continue;
      throw new ShapeError("Conv2d", {
        given: `input ${fmtShape(x.shape)}`,
        expected: `at least ${field - 2 * this.padding[axis]} pixels of ${axis === 0 ? "height" : "width"}`,
        fix: "feed larger pictures, or use fewer layers that halve them",
      });
    }
  }
}

/** Convolution over sequences, `[N, L, inChannels]` to `[N, L', outChannels]`. */
export class Conv1d extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number;
  readonly paddingMode: PaddingMode;
  readonly dilation: number;
  readonly groups: number;
  /** `[k, inChannels / groups, outChannels]` */
  weight: Weight;
  /** `[outChannels]` */
  bias: Parameter | null;

  constructor(inChannels: number, outChannels: number, options: ConvOptions<number>) {
    super();
    const {
      kernelSize,
      stride = 1,
      padding = 0,
      paddingMode = "zeros",
      dilation = 1,
      groups = 1,
      bias = true,
    } = options;
    checkGroups("Conv1d", inChannels, outChannels, groups);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernelSize;
    this.stride = stride;
    this.padding = padding;
    this.paddingMode = paddingMode;
    this.dilation = dilation;
    this.groups = groups;
    const fanIn = (kernelSize * inChannels) / groups;
    this.weight = new Parameter(defaultUniform([kernelSize, inChannels / groups, outChannels], fanIn), "conv1d");
    this.bias = bias ? new Parameter(defaultUniform([outChannels], fanIn)) : null;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    checkInput("Conv1d", x, 3, this.inChannels);
    const [n, length, channels] = x.shape as [number, number, number];
    const picture = tf.reshape(x, [n, 1, length, channels]);
    const ahead = this.paddingMode !== "zeros" && this.padding > 0;
    const sides = [this.padding, this.padding] as const;
    const padded = ahead ? pad2d(picture, [[0, 0], sides], this.paddingMode) : picture;
    const y = conv2d(padded as tf.Tensor4D, tf.expandDims(this.weight.value, 0) as tf.Tensor4D, {
      stride: [1, this.stride],
      padding: [0, ahead ? 0 : this.padding],
      dilation: [1, this.dilation],
      groups: this.groups,
    });
    const flat = tf.reshape(y, [n, y.shape[2], y.shape[3]]);
    return this.bias === null ? flat : tf.add(flat, this.bias.value);
  }
}

export interface ConvTransposeOptions extends Omit<ConvOptions, "paddingMode"> {
  /** Pixels added at the bottom and right of the result. @defaultValue 0 */
  outputPadding?: Size2d;
}

/** Transposed convolution, which enlarges: `[N, H, W, inChannels]` to `[N, (H - 1) * stride + ..., outChannels]`. */
export class ConvTranspose2d extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly outputPadding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  /** `[kh, kw, outChannels / groups, inChannels]` */
  weight: Weight;
  /** `[outChannels]` */
  bias: Parameter | null;

  constructor(inChannels: number, outChannels: number, options: ConvTransposeOptions) {
    super();
    const { kernelSize, stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1, bias = true } = options;
    checkGroups("ConvTranspose2d", inChannels, outChannels, groups);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = pair(kernelSize);
    this.stride = pair(stride);
    this.padding = pair(padding);
    this.outputPadding = pair(outputPadding);
    this.dilation = pair(dilation);
    this.groups = groups;
    const [kh, kw] = this.kernelSize;
    const fanIn = (kh * kw * outChannels) / groups;
    this.weight = new Parameter(defaultUniform([kh, kw, outChannels / groups, inChannels], fanIn), "convTranspose2d");
    this.bias = bias ? new Parameter(defaultUniform([outChannels], fanIn)) : null;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    checkInput("ConvTranspose2d", x, 4, this.inChannels);
    const weight = this.weight.value as tf.Tensor4D;
    const dilated = this.dilation[0] > 1 || this.dilation[1] > 1;
    const filter = dilated ? dilateFilter(weight, this.dilation) : weight;
    const y = this.#transpose(x as tf.Tensor4D, filter);
    return this.bias === null ? y : tf.add(y, this.bias.value);
  }

  #transpose(x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor {
    if (this.groups === 1) return this.#transposeGroup(x, filter);
    const filters = tf.split(filter, this.groups, 3) as tf.Tensor4D[];
    const parts = tf.split(x, this.groups, 3) as tf.Tensor4D[];
    return tf.concat(
      parts.map((part, i) => this.#transposeGroup(part, filters[i]!)),
      3,
    );
  }

  #transposeGroup(x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
    const [height, width] = [0, 1].map((axis) => {
      const grown = (x.shape[axis + 1]! - 1) * this.stride[axis]! - 2 * this.padding[axis]!;
      return grown + filter.shape[axis]! + this.outputPadding[axis]!;
    }) as [number, number];
    const shape: [number, number, number, number] = [x.shape[0], height, width, filter.shape[2]];
    return tf.conv2dTranspose(x, filter, shape, [this.stride[0], this.stride[1]], explicitPadding(this.padding));
  }
}
