import { checkOptions, OptionError } from "@layerwise/core";
import {
  type AnyModule,
  BatchNorm1d,
  Dropout,
  ELU,
  Embedding,
  GELU,
  LeakyReLU,
  LinBnDrop,
  Mish,
  Module,
  ModuleList,
  models,
  ReLU,
  SELU,
  Sequential,
  SigmoidRange,
  SiLU,
  skipInit,
  Tanh,
} from "@layerwise/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { EmbSize } from "./embSizes.ts";

const activations = {
  relu: ReLU,
  leakyRelu: LeakyReLU,
  elu: ELU,
  selu: SELU,
  gelu: GELU,
  silu: SiLU,
  mish: Mish,
  tanh: Tanh,
} as const;

/** What stands between two hidden layers. */
export type TabularActivation = keyof typeof activations;

export interface TabularModelOptions {
  /** Dropout after each hidden layer: one probability for all, or one per layer. @defaultValue 0 */
  ps?: number | readonly number[];
  /** Dropout on the embeddings, number by number. @defaultValue 0 */
  embedP?: number;
  /** Keeps the outputs of a regression within a range; choose one a bit wider than the targets'. */
  yRange?: readonly [low: number, high: number];
  /** Batch norm after hidden layers. @defaultValue true */
  useBn?: boolean;
  /** Batch norm after the last layer. @defaultValue false */
  bnFinal?: boolean;
  /** Batch norm of the continuous columns. @defaultValue true */
  bnCont?: boolean;
  /** @defaultValue "relu" */
  act?: TabularActivation;
  /** Linear layer, activation, norm, dropout; false turns that around. @defaultValue true */
  linFirst?: boolean;
}

/** Names of {@link TabularModelOptions}, for checks. */
export const tabularModelOptionNames = ["ps", "embedP", "yRange", "useBn", "bnFinal", "bnCont", "act", "linFirst"];

/**
 * fastai's model for tables: a learned vector per category, beside the continuous columns, into a perceptron.
 * `call(cats, conts)`: int32 `[N, nCat]` and float32 `[N, nCont]` to `[N, outSz]`.
 * @see Guo & Berkhahn 2016, https://arxiv.org/abs/1604.06737
 */
export class TabularModel extends Module<[cats: tf.Tensor, conts: tf.Tensor]> {
  readonly embSzs: readonly EmbSize[];
  readonly nCont: number;
  embeds: ModuleList<Embedding>;
  embDrop: Dropout;
  bnCont: BatchNorm1d | null;
  layers: Sequential;

  /** @param layers - sizes of the hidden layers */
  constructor(
    embSzs: readonly EmbSize[],
    nCont: number,
    outSz: number,
    layers: readonly number[],
    options: TabularModelOptions = {},
  ) {
    super();
    checkOptions("TabularModel", options, tabularModelOptionNames);
    const { embedP = 0, yRange, useBn = true, bnFinal = false, bnCont = true, act = "relu", linFirst = true } = options;
    const ps = dropouts(options.ps ?? 0, layers.length);
    const Act = activations[act];
    if (Act === undefined) {
      throw new OptionError("TabularModel", { given: `act "${act}"`, expected: Object.keys(activations).join(", ") });
    }
    this.embSzs = embSzs;
    this.nCont = nCont;
    this.embeds = new ModuleList(embSzs.map(([ni, nf]) => new Embedding(ni, nf)));
    this.embDrop = new Dropout(embedP);
    this.bnCont = bnCont && nCont > 0 ? new BatchNorm1d(nCont) : null;
    const sizes = [embSzs.reduce((sum, [, size]) => sum + size, nCont), ...layers, outSz];
    const steps: AnyModule[] = sizes.slice(1).map((size, i) => {
      const isLast = i === layers.length;
      const bn = isLast ? bnFinal : useBn;
      return new LinBnDrop(sizes[i]!, size, { bn, p: ps[i] ?? 0, act: isLast ? null : new Act(), linFirst });
    });
    if (yRange) steps.push(new SigmoidRange(...yRange));
    this.layers = new Sequential(...steps);
  }

  override forward(cats: tf.Tensor, conts: tf.Tensor): tf.Tensor {
    const parts: tf.Tensor[] = [];
    if (this.embeds.length > 0) parts.push(this.#embedded(cats));
    if (this.nCont > 0) parts.push(this.bnCont === null ? conts : this.bnCont.call(conts));
    return this.layers.call(parts.length === 1 ? parts[0]! : tf.concat(parts, 1));
  }

  /** `[N, sum of sizes]` */
  #embedded(cats: tf.Tensor): tf.Tensor {
    const ids = tf.unstack(cats, 1);
    const vectors = ids.map((column, i) => this.embeds.at(i).call(column));
    return this.embDrop.call(vectors.length === 1 ? vectors[0]! : tf.concat(vectors, 1));
  }
}

function dropouts(ps: number | readonly number[], layers: number): readonly number[] {
  if (typeof ps === "number") return new Array<number>(layers).fill(ps);
  if (ps.length === layers) return ps;
  throw new OptionError("TabularModel", {
    given: `${ps.length} dropout probabilities for ${layers} hidden layers`,
    expected: "one per hidden layer, or one number for all",
  });
}

/** A tabular model as files name it. */
export interface TabularModelArgs extends TabularModelOptions {
  embSzs: readonly EmbSize[];
  nCont: number;
  outSz: number;
  layers: readonly number[];
}

declare module "@layerwise/core/nn" {
  interface ModelArgs {
    tabularModel: TabularModelArgs;
  }
}

/** Builds a model that an exported file can hold. */
export function createTabularModel({ embSzs, nCont, outSz, layers, ...options }: TabularModelArgs): TabularModel {
  const model = new TabularModel(embSzs, nCont, outSz, layers, options);
  model.arch = { name: "tabularModel", args: { embSzs, nCont, outSz, layers, ...options } };
  return model;
}

models.add("tabularModel", (args) => skipInit(() => createTabularModel(args)));
