import { checkOptions, type KnownOptions, OptionError } from "@layerwise/core";
import {
  type ActClass,
  AdaptiveAvgPool2d,
  type AnyModule,
  BatchNormBase,
  Conv2d,
  ConvLayer,
  Dropout,
  Flatten,
  kaimingNormal,
  Linear,
  MaxPool2d,
  nnDefaults,
  type Parameter,
  ResBlock,
  SEBlock,
  SEResNeXtBlock,
  Sequential,
  zerosInit,
} from "@layerwise/core/nn";

/** Makes one block of a stage; `ni` and `nf` count before the expansion. */
export type XBlock = (expansion: number, ni: number, nf: number, options: XBlockOptions) => AnyModule;

export interface XBlockOptions {
  stride: number;
  sa: boolean;
  actCls: ActClass;
  ks: number;
}

export interface XResNetOptions {
  /** Dropout before the last layer. @defaultValue 0 */
  p?: number;
  /** Channels of the pictures. @defaultValue 3 */
  nIn?: number;
  /** Classes. @defaultValue 1000 */
  nOut?: number;
  /** Channels of the three stem layers. @defaultValue [32, 32, 64] */
  stemSzs?: readonly number[];
  /** Factor on the width of all stages. @defaultValue 1 */
  widen?: number;
  /** Simple self-attention at the end of one stage. @defaultValue false */
  sa?: boolean;
  /** @defaultValue `defaults.activation`, ReLU */
  actCls?: ActClass;
  /** Filter size of the blocks, odd. @defaultValue 3 */
  ks?: number;
  /** Stride of stem and stages. @defaultValue 2 */
  stride?: number;
}

const XRESNET: KnownOptions<XResNetOptions> = {
  ...{ p: true, nIn: true, nOut: true, stemSzs: true, widen: true, sa: true, actCls: true, ks: true, stride: true },
};

export const resBlock: XBlock = (expansion, ni, nf, options) => new ResBlock(expansion, ni, nf, options);
export const seBlock: XBlock = (expansion, ni, nf, options) => new SEBlock(expansion, ni, nf, options);
/** Squeeze-and-excitation around convolutions of 64 groups. @see Hu et al. 2017 (SENet-154), https://arxiv.org/abs/1709.01507 */
export const seBlock64: XBlock = (expansion, ni, nf, options) =>
  new SEBlock(expansion, ni, nf, { ...options, groups: 64 });
export const seResNeXtBlock: XBlock = (expansion, ni, nf, options) => new SEResNeXtBlock(expansion, ni, nf, options);
/** Grouped convolutions without squeeze-and-excitation. */
export const resNeXtBlock: XBlock = (expansion, ni, nf, options) =>
  new SEResNeXtBlock(expansion, ni, nf, { ...options, reduction: 0 });

/**
 * ResNet with the tricks found since: a stem of three small convolutions, average pools in shortcuts, residual
 * branches that start at zero. `[N, H, W, nIn]` to `[N, nOut]`.
 * @see He et al. 2018, https://arxiv.org/abs/1812.01187
 */
export class XResNet extends Sequential {
  constructor(block: XBlock, expansion: number, layers: readonly number[], options: XResNetOptions = {}) {
    checkOptions("XResNet", options, XRESNET);
    const { p = 0, nIn = 3, nOut = 1000, stemSzs = [32, 32, 64], widen = 1, sa = false } = options;
    const { actCls = nnDefaults.activation, ks = 3, stride = 2 } = options;
    if (ks % 2 === 0)
      throw new OptionError("XResNet", {
        given: `ks = ${ks}`,
        expected: "an odd filter size",
        fix: "pass `ks: 3`, 5, 7, ...",
      });
    const stem = stemSzs.map(
      (nf, i) =>
        new ConvLayer(i === 0 ? nIn : (stemSzs[i - 1] as number), nf, { ks, stride: i === 0 ? stride : 1, actCls }),
    );
    const widths = [64, 128, 256, 512, ...new Array<number>(Math.max(0, layers.length - 4)).fill(256)]
      .slice(0, layers.length)
      .map((width) => Math.floor(width * widen));
    const inputs = [Math.floor((stemSzs.at(-1) as number) / expansion), ...widths];
    const stages = layers.map((count, i) => {
      const blocks = Array.from({ length: count }, (_, j) =>
        block(expansion, (j === 0 ? inputs[i] : widths[i]) as number, widths[i] as number, {
          stride: j === 0 && i > 0 ? stride : 1,
          sa: sa && i === layers.length - 4 && j === count - 1,
          actCls,
          ks,
        }),
      );
      return new Sequential(...blocks);
    });
    super(
      ...stem,
      new MaxPool2d(3, { stride, padding: 1 }),
      ...stages,
      new AdaptiveAvgPool2d(1),
      new Flatten(),
      new Dropout(p),
      new Linear((widths.at(-1) as number) * expansion, nOut),
    );
    this.apply(initXResNet);
  }
}

/** He's normal draw for convolutions and linear layers; all biases start at 0, those of batch norm too. */
function initXResNet(layer: AnyModule): void {
  if (layer instanceof Conv2d || layer instanceof Linear) kaimingNormal(layer.weight);
  if ((layer instanceof Conv2d || layer instanceof Linear || layer instanceof BatchNormBase) && layer.bias) {
    zerosInit(layer.bias);
  }
}

/** Parameter groups of a learner on an XResNet: stem, stages, head. */
export function splitXResNet(body: Sequential, head: AnyModule): Parameter[][] {
  const part = (from: number, to?: number): Parameter[] =>
    body.layers.slice(from, to).flatMap((layer) => layer.parameters());
  return [part(0, 3), part(3), head.parameters()];
}
