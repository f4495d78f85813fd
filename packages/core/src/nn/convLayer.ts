import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { Sequential } from "./containers.ts";
import { Conv1d, Conv2d, Conv3d } from "./conv.ts";
import type { ConvBase } from "./convBase.ts";
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "./convTranspose.ts";
import { type InitLinearOptions, initLinear } from "./initLinear.ts";
import type { AnyModule } from "./module.ts";
import { type ActClass, nnDefaults } from "./nnDefaults.ts";
import { batchNorm, instanceNorm, type NormType } from "./normType.ts";
import type { PaddingMode } from "./padding.ts";
import { spectralNorm, weightNorm } from "./weightNorm.ts";

export interface ConvLayerOptions extends InitLinearOptions {
  /** Size of the filter along each axis. @defaultValue 3 */
  ks?: number;
  /** @defaultValue 1 */
  stride?: number;
  /** @defaultValue (ks - 1) / 2, rounded down; 0 if transposed */
  padding?: number;
  paddingMode?: PaddingMode;
  dilation?: number;
  groups?: number;
  /** @defaultValue true unless batch or instance norm follows */
  bias?: boolean;
  /** 2 for pictures, 1 for sequences, 3 for volumes. @defaultValue 2 */
  ndim?: 1 | 2 | 3;
  /** @defaultValue "batch" */
  normType?: NormType | null;
  /** Normalize before the activation. @defaultValue true */
  bn1st?: boolean;
  /** @defaultValue `defaults.activation`, ReLU */
  actCls?: ActClass;
  /** Transposed convolution. @defaultValue false */
  transpose?: boolean;
  /** A layer to put at the end. */
  xtra?: AnyModule;
}

export const CONV_LAYER: KnownOptions<ConvLayerOptions> = {
  ...{ ks: true, stride: true, padding: true, paddingMode: true, dilation: true, groups: true, bias: true, ndim: true },
  ...{ normType: true, bn1st: true, actCls: true, transpose: true, xtra: true, init: true, biasStd: true },
};

/** Convolution, norm and activation in one, drawn to suit the activation. */
export class ConvLayer extends Sequential {
  constructor(ni: number, nf: number, options: ConvLayerOptions = {}) {
    checkOptions(new.target.name, options, CONV_LAYER);
    const { ndim = 2, normType = "batch", bn1st = true, actCls = nnDefaults.activation, xtra } = options;
    const act = actCls === null ? null : new actCls();
    const conv = buildConv(ni, nf, options);
    initLinear(conv, act, options);
    if (normType === "weight") weightNorm(conv);
    if (normType === "spectral") spectralNorm(conv);
    const actAndNorm: AnyModule[] = act === null ? [] : [act];
    if (normType === "batch" || normType === "batchZero") actAndNorm.push(batchNorm(nf, { ndim, normType }));
    if (normType === "instance" || normType === "instanceZero") actAndNorm.push(instanceNorm(nf, { ndim, normType }));
    if (bn1st) actAndNorm.reverse();
    super(conv, ...actAndNorm, ...(xtra === undefined ? [] : [xtra]));
  }
}

function buildConv(ni: number, nf: number, options: ConvLayerOptions): ConvBase<1 | 2 | 3> {
  const { ks = 3, stride = 1, ndim = 2, normType = "batch", transpose = false } = options;
  const {
    padding = transpose ? 0 : Math.floor((ks - 1) / 2),
    dilation = 1,
    groups = 1,
    paddingMode = "zeros",
  } = options;
  const { bias = normType === null || normType === "weight" || normType === "spectral" } = options;
  const shared = { kernelSize: ks, stride, padding, dilation, groups, bias };
  if (transpose) return new [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d][ndim - 1]!(ni, nf, shared);
  return new [Conv1d, Conv2d, Conv3d][ndim - 1]!(ni, nf, { ...shared, paddingMode });
}
