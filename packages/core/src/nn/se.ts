import { checkOptions } from "../checkOptions.ts";
import { Sigmoid } from "./activations.ts";
import { AdaptiveAvgPool2d } from "./adaptivePool.ts";
import { ConvLayer } from "./convLayer.ts";
import { type ActClass, nnDefaults } from "./nnDefaults.ts";
import { ProdLayer, SequentialEx } from "./sequentialEx.ts";

/** Squeeze and excite: weighs each channel by what the whole picture says. @see Hu et al. 2017, https://arxiv.org/abs/1709.01507 */
export class SEModule extends SequentialEx {
  constructor(ch: number, reduction: number, options: { actCls?: ActClass } = {}) {
    checkOptions("SEModule", options, { actCls: true });
    const { actCls = nnDefaults.activation } = options;
    const nf = seWidth(ch, reduction);
    super(
      new AdaptiveAvgPool2d(1),
      new ConvLayer(ch, nf, { ks: 1, normType: null, actCls }),
      new ConvLayer(nf, ch, { ks: 1, normType: null, actCls: Sigmoid }),
      new ProdLayer(),
    );
  }
}

/** Channels in the middle of a squeeze-and-excite module: a multiple of 8. */
export function seWidth(ch: number, reduction: number): number {
  return Math.ceil(Math.floor(ch / reduction) / 8) * 8;
}
