import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { checkWhole } from "../checkWhole.ts";
import { fmtShape, OptionError, ShapeError } from "../errors.ts";
import type { Size2d } from "./conv2d.ts";
import { defaultUniform } from "./init.ts";
import { Module } from "./module.ts";
import type { PaddingMode } from "./padding.ts";
import { Parameter, type Weight } from "./parameter.ts";

export interface ConvOptions<Size = Size2d> {
  /** Size of the filter along each axis. */
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

/** Options of plain and transposed convolutions alike. */
const EITHER = [
  "kernelSize",
  "stride",
  "padding",
  "dilation",
  "groups",
  "bias",
] as const satisfies (keyof ConvOptions)[];

/** One number per axis: along sequences, pictures, volumes. */
export interface AxisSizes {
  1: readonly [length: number];
  2: readonly [height: number, width: number];
  3: readonly [depth: number, height: number, width: number];
}

/** What input looks like, by its number of axes beside batch and channels. */
const layouts = { 1: "[N, L, C]", 2: "[N, H, W, C]", 3: "[N, D, H, W, C]" };
const axisNames = ["depth", "height", "width"];

/** What all convolutions share: their sizes, weights, and checks. */
export abstract class ConvBase<N extends 1 | 2 | 3> extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: AxisSizes[N];
  readonly stride: AxisSizes[N];
  readonly padding: AxisSizes[N];
  readonly dilation: AxisSizes[N];
  readonly groups: number;
  /** `[...kernelSize, inChannels / groups, outChannels]`; transposed: `[..., outChannels / groups, inChannels]` */
  weight: Weight;
  /** `[outChannels]` */
  bias: Parameter | null;
  protected readonly ndim: N;

  constructor(ndim: N, transposed: boolean, channels: readonly [number, number], options: ConvOptions<Size<N>>) {
    super();
    const [inChannels, outChannels] = channels;
    checkWhole(new.target.name, "inChannels", inChannels, 1);
    checkWhole(new.target.name, "outChannels", outChannels, 1);
    checkOptions(new.target.name, options, transposed ? [...EITHER, "outputPadding"] : [...EITHER, "paddingMode"]);
    const { kernelSize, stride = 1, padding = 0, dilation = 1, groups = 1, bias = true } = options;
    const each = (size: Size<N>) => perAxis(ndim, size);
    if (kernelSize === undefined) {
      throw new OptionError(new.target.name, {
        given: "no `kernelSize`",
        expected: "the size of its filters, such as 3",
      });
    }
    this.ndim = ndim;
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = each(kernelSize);
    this.stride = each(stride as Size<N>);
    this.padding = each(padding as Size<N>);
    this.dilation = each(dilation as Size<N>);
    this.groups = groups;
    this.#checkGroups();
    const ends = transposed ? [outChannels / groups, inChannels] : [inChannels / groups, outChannels];
    const fanIn = [...this.kernelSize, ends[0]!].reduce((product, n) => product * n, 1);
    const layout = `${transposed ? "convTranspose" : "conv"}${ndim}d` as const;
    this.weight = new Parameter(defaultUniform([...this.kernelSize, ...ends], fanIn, layout), layout);
    this.bias = bias ? new Parameter(defaultUniform([outChannels], fanIn)) : null;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    if (x.rank !== this.ndim + 2 || x.shape.at(-1) !== this.inChannels) {
      throw new ShapeError(this.constructor.name, {
        given: `input ${fmtShape(x.shape)}`,
        expected: `${x.rank === this.ndim + 2 ? "" : `${layouts[this.ndim]} with `}${this.inChannels} channels`,
        fix: `make the first layer for as many channels as the input has (\`nIn\` of a model or learner), or change the input`,
      });
    }
    const y = this.convolve(x, this.weight.value);
    return this.bias === null ? y : tf.add(y, this.bias.value);
  }

  /** The result without the bias. */
  protected abstract convolve(x: tf.Tensor, filter: tf.Tensor): tf.Tensor;

  /** @throws ShapeError if the filter, its taps spread, is larger than the padded input */
  protected checkSize(x: tf.Tensor): void {
    for (let axis = 0; axis < this.ndim; axis++) {
      const field = (this.kernelSize[axis]! - 1) * this.dilation[axis]! + 1;
      const padding = 2 * this.padding[axis]!;
      if (x.shape[axis + 1]! + padding >= field) continue;
      const name = this.ndim === 1 ? "length" : axisNames[axis + 3 - this.ndim];
      throw new ShapeError(this.constructor.name, {
        given: `input ${fmtShape(x.shape)}`,
        expected: `at least ${field - padding} pixels of ${name}`,
        fix: "feed larger pictures, or use fewer layers that halve them",
      });
    }
  }

  #checkGroups(): void {
    const { inChannels, outChannels, groups } = this;
    if (inChannels % groups === 0 && outChannels % groups === 0) return;
    throw new OptionError(this.constructor.name, {
      given: `${groups} groups for ${inChannels} input and ${outChannels} output channels`,
      expected: "a number of groups that divides both",
    });
  }
}

/** A size as options give it: one number for all axes, or one for each. */
type Size<N extends 1 | 2 | 3> = number | AxisSizes[N];

function perAxis<N extends 1 | 2 | 3>(ndim: N, size: Size<N>): AxisSizes[N] {
  const sizes: readonly number[] = typeof size === "number" ? new Array<number>(ndim).fill(size) : [...size];
  return sizes as unknown as AxisSizes[N];
}
