import * as tf from "@tensorflow/tfjs-core";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { Identity, Sequential } from "./containers.ts";
import { CONV_LAYER, ConvLayer, type ConvLayerOptions } from "./convLayer.ts";
import { type AnyModule, Module } from "./module.ts";
import { nnDefaults } from "./nnDefaults.ts";
import type { NormType } from "./normType.ts";
import { avgPool, type PoolFactory } from "./poolType.ts";
import { SEModule } from "./se.ts";
import { SimpleSelfAttention } from "./selfAttention.ts";

export interface ResBlockOptions extends Omit<ConvLayerOptions, "transpose" | "xtra" | "padding"> {
  /** Reduction of a squeeze-and-excite module at the end; 0 or null for none. @defaultValue null */
  reduction?: number | null;
  /** Channels after the first convolution of a bottleneck. @defaultValue nh2 */
  nh1?: number;
  /** Channels before the last convolution. @defaultValue nf */
  nh2?: number;
  /** Depthwise: the wide convolution mixes no channels. @defaultValue false */
  dw?: boolean;
  /** Groups of the last convolution. @defaultValue 1 */
  g2?: number;
  /** Simple self-attention at the end. @defaultValue false */
  sa?: boolean;
  /** Symmetric weight in it. @defaultValue false */
  sym?: boolean;
  /** How the shortcut shrinks. @defaultValue avgPool */
  pool?: PoolFactory;
  /** Shrink the shortcut before its convolution. @defaultValue true */
  poolFirst?: boolean;
}

const { transpose: _transpose, xtra: _xtra, padding: _padding, ...OF_CONV_LAYER } = CONV_LAYER;
const RES_BLOCK: KnownOptions<ResBlockOptions> = {
  ...OF_CONV_LAYER,
  ...{ reduction: true, nh1: true, nh2: true, dw: true, g2: true, sa: true, sym: true, pool: true, poolFirst: true },
};

/**
 * Residual block: `act(convpath(x) + idpath(x))`.
 * `ni` and `nf` count before `expansion`, which makes the block a bottleneck if above 1.
 * @see He et al. 2018 (bag of tricks), https://arxiv.org/abs/1812.01187
 */
export class ResBlock extends Module {
  convpath: Sequential;
  idpath: Sequential;
  act: AnyModule;

  constructor(expansion: number, ni: number, nf: number, options: ResBlockOptions = {}) {
    super();
    checkOptions(new.target.name, options, RES_BLOCK);
    const { stride = 1, groups = 1, reduction = null, nh2 = nf, nh1 = nh2, dw = false, g2 = 1, ks = 3 } = options;
    const {
      sa = false,
      sym = false,
      normType = "batch",
      actCls = nnDefaults.activation,
      ndim = 2,
      pool = avgPool,
    } = options;
    const { poolFirst = true, paddingMode, dilation, bias, bn1st, init, biasStd } = options;
    const shared = defined({ ndim, paddingMode, dilation, bias, bn1st, init, biasStd });
    const inner = { ...shared, normType, actCls };
    const last = { ...shared, normType: zeroStart(normType), actCls: null };
    const [nIn, nOut] = [ni * expansion, nf * expansion];
    const path: AnyModule[] =
      expansion === 1
        ? [
            new ConvLayer(nIn, nh2, { ...inner, ks, stride, groups: dw ? nIn : groups }),
            new ConvLayer(nh2, nOut, { ...last, ks, groups: g2 }),
          ]
        : [
            new ConvLayer(nIn, nh1, { ...inner, ks: 1 }),
            new ConvLayer(nh1, nh2, { ...inner, ks, stride, groups: dw ? nh1 : groups }),
            new ConvLayer(nh2, nOut, { ...last, ks: 1, groups: g2 }),
          ];
    if (reduction) path.push(new SEModule(nOut, reduction, { actCls }));
    if (sa) path.push(new SimpleSelfAttention(nOut, { ks: 1, sym }));
    this.convpath = new Sequential(...path);
    const shortcut: AnyModule[] = [];
    if (nIn !== nOut) shortcut.push(new ConvLayer(nIn, nOut, { ...shared, ks: 1, actCls: null }));
    if (stride !== 1) shortcut.splice(poolFirst ? 0 : 1, 0, pool(stride, { ndim, ceilMode: true }));
    this.idpath = new Sequential(...shortcut);
    this.act = actCls === null ? new Identity() : new actCls();
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return this.act.call(tf.add(this.convpath.call(x), this.idpath.call(x)));
  }
}

function zeroStart(normType: NormType | null): NormType | null {
  if (normType === "batch") return "batchZero";
  return normType === "instance" ? "instanceZero" : normType;
}

/** The options that were given, without those that are undefined. */
function defined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Residual block with squeeze and excite. */
export class SEBlock extends ResBlock {
  constructor(expansion: number, ni: number, nf: number, options: ResBlockOptions = {}) {
    checkOptions(new.target.name, options, RES_BLOCK);
    super(expansion, ni, nf, { reduction: 16, nh1: nf * 2, nh2: nf * expansion, ...options });
  }
}

/** Squeeze-and-excite block with grouped convolutions. @see Xie et al. 2016 (ResNeXt), https://arxiv.org/abs/1611.05431 */
export class SEResNeXtBlock extends ResBlock {
  constructor(expansion: number, ni: number, nf: number, options: ResBlockOptions & { baseWidth?: number } = {}) {
    checkOptions(new.target.name, options, { ...RES_BLOCK, baseWidth: true });
    const { groups = 32, reduction = 16, baseWidth = 4, ...rest } = options;
    super(expansion, ni, nf, { groups, reduction, nh2: Math.floor((nf * baseWidth) / 64) * groups, ...rest });
  }
}

/** Squeeze-and-excite block whose wide convolution is depthwise. */
export class SeparableBlock extends ResBlock {
  constructor(expansion: number, ni: number, nf: number, options: ResBlockOptions = {}) {
    checkOptions(new.target.name, options, RES_BLOCK);
    super(expansion, ni, nf, { reduction: 16, nh2: nf * 2, dw: true, ...options });
  }
}
