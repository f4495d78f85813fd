import type { Tensor } from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { checkWhole } from "../checkWhole.ts";
import { embedding } from "../fused/index.ts";
import { drawn, normalDraw } from "./draws.ts";
import { truncNormal } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter, type Weight } from "./parameter.ts";

export interface EmbeddingOptions {
  /** Spread of the first draw. @defaultValue 0.01 */
  std?: number;
}

/** A learned vector per id: int32 `[...]` to `[..., nf]`. Drawn as fastai does, folded into ±2 std. */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  /** `[ni, nf]` */
  weight: Weight;

  constructor(ni: number, nf: number, options: EmbeddingOptions = {}) {
    super();
    checkWhole("Embedding", "ni", ni, 1);
    checkWhole("Embedding", "nf", nf, 1);
    checkOptions("Embedding", options, { std: true });
    const { std = 0.01 } = options;
    this.numEmbeddings = ni;
    this.embeddingDim = nf;
    // PyTorch's draw and fastai's after it, so that one seed gives a whole model fastai's weights.
    this.weight = new Parameter(drawn([ni, nf], normalDraw()));
    truncNormal(this.weight, 0, std);
  }

  override forward(ids: Tensor): Tensor {
    return embedding(this.weight.value, ids);
  }
}
