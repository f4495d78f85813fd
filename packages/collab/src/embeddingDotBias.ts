import { checkOptions, OptionError } from "@layerwise/core";
import { Embedding, Module, models, sigmoidRange, skipInit } from "@layerwise/core/nn";
import type { Category } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { ClassNames } from "./classNames.ts";

export interface EmbeddingDotBiasOptions {
  /** Numbers in the vector of a user and of an item. */
  nFactors: number;
  /** Users, `#na#` included. */
  nUsers: number;
  /** Items, `#na#` included. */
  nItems: number;
  /** Keeps predictions within a range, a bit wider than the ratings'. @defaultValue any number */
  yRange?: readonly [low: number, high: number];
}

/** Classes of the two columns, users first: `dls.to.classes`. */
export type CollabClasses = Readonly<Record<string, readonly Category[]>>;

export interface FromClassesOptions {
  /** Column of the users. @defaultValue the first */
  user?: string;
  /** Column of the items. @defaultValue the second */
  item?: string;
  yRange?: readonly [low: number, high: number];
}

export interface SideOptions {
  /** Items; false: users. @defaultValue true */
  isItem?: boolean;
}

/** What an exported file says about the model. */
export interface EmbeddingDotBiasArgs extends EmbeddingDotBiasOptions {
  users?: readonly Category[];
  items?: readonly Category[];
}

declare module "@layerwise/core/nn" {
  interface ModelArgs {
    embeddingDotBias: EmbeddingDotBiasArgs;
  }
}

/**
 * Predicts a rating as the product of a vector for the user and one for the item, plus a bias of each.
 * `call(ids)`: int32 `[N, 2]` (user, item) to `[N]`.
 * @see Koren, Bell & Volinsky 2009, Matrix factorization techniques for recommender systems
 */
export class EmbeddingDotBias extends Module {
  /** `[nUsers, nFactors]` */
  uWeight: Embedding;
  /** `[nItems, nFactors]` */
  iWeight: Embedding;
  /** `[nUsers, 1]` */
  uBias: Embedding;
  /** `[nItems, 1]` */
  iBias: Embedding;
  readonly yRange: readonly [low: number, high: number] | null;
  #names: { users: ClassNames; items: ClassNames } | undefined;

  constructor(options: EmbeddingDotBiasOptions) {
    super();
    checkOptions("EmbeddingDotBias", options, ["nFactors", "nUsers", "nItems", "yRange"]);
    const { nFactors, nUsers, nItems, yRange } = options;
    for (const [name, count] of Object.entries({ nFactors, nUsers, nItems })) {
      if (!Number.isInteger(count) || count < 1) {
        throw new OptionError("EmbeddingDotBias", { given: `${name} ${count}`, expected: "an integer of at least 1" });
      }
    }
    if (yRange && !(yRange[0] < yRange[1])) {
      throw new OptionError("EmbeddingDotBias", { given: `yRange [${yRange}]`, expected: "[lowest, highest]" });
    }
    this.uWeight = new Embedding(nUsers, nFactors);
    this.iWeight = new Embedding(nItems, nFactors);
    this.uBias = new Embedding(nUsers, 1);
    this.iBias = new Embedding(nItems, 1);
    this.yRange = yRange ?? null;
  }

  /** A model for these users and items, which can then be looked up by name. */
  static fromClasses(
    nFactors: number,
    classes: CollabClasses,
    { user, item, yRange }: FromClassesOptions = {},
  ): EmbeddingDotBias {
    const names = Object.keys(classes);
    const [users, items] = [user ?? names[0], item ?? names[1]].map((name) => classes[name ?? ""]);
    if (users === undefined || items === undefined) {
      throw new OptionError("EmbeddingDotBias.fromClasses", {
        given: `classes of ${names.map((name) => `"${name}"`).join(", ") || "no columns"}`,
        expected: "those of users and items",
        fix: "pass `dls.to.classes`, and `user` and `item` if the columns have other names",
      });
    }
    return build({ nFactors, nUsers: users.length, nItems: items.length, ...(yRange && { yRange }), users, items });
  }

  override forward(ids: tf.Tensor): tf.Tensor {
    const [user, item] = tf.unstack(ids, 1) as [tf.Tensor, tf.Tensor];
    const product = tf.sum(tf.mul(this.uWeight.call(user), this.iWeight.call(item)), 1);
    const bias = tf.add(this.uBias.call(user), this.iBias.call(item)); // [N, 1]
    const raw = tf.add(product, tf.reshape(bias, [-1]));
    return this.yRange === null ? raw : sigmoidRange(raw, ...this.yRange);
  }

  /**
   * Biases of users or items: how much a rating is above or below what the vectors say.
   * @param names - as they stand in the data; all, `#na#` first, if left out
   * @returns `[n]`, the caller's
   * @throws {@link OptionError} for a name that training did not meet, or a model built without classes
   */
  bias(names?: readonly Category[], { isItem = true }: SideOptions = {}): tf.Tensor1D {
    const ids = this.classNames({ isItem }).ids(names);
    return tf.tidy(() => tf.reshape(tf.gather((isItem ? this.iBias : this.uBias).weight.value, ids), [ids.length]));
  }

  /** Vectors of users or items, `[n, nFactors]`, the caller's. Names as in {@link EmbeddingDotBias.bias}. */
  weight(names?: readonly Category[], { isItem = true }: SideOptions = {}): tf.Tensor2D {
    const ids = this.classNames({ isItem }).ids(names);
    return tf.gather((isItem ? this.iWeight : this.uWeight).weight.value, ids) as tf.Tensor2D;
  }

  /** Names of the items (or users) and their numbers. @throws {@link OptionError} for a model built without classes */
  classNames({ isItem = true }: SideOptions = {}): ClassNames {
    if (this.#names !== undefined) return isItem ? this.#names.items : this.#names.users;
    throw new OptionError("EmbeddingDotBias", {
      given: "a model built without classes",
      expected: "one that knows the names of users and items",
      fix: "build it with `collabLearner` or `EmbeddingDotBias.fromClasses`",
    });
  }

  /** The names of users and items, by their numbers. */
  setClasses(users: readonly Category[], items: readonly Category[]): void {
    this.#names = { users: new ClassNames("user", users), items: new ClassNames("item", items) };
  }
}

function build({ users, items, ...options }: EmbeddingDotBiasArgs): EmbeddingDotBias {
  const model = new EmbeddingDotBias(options);
  if (users !== undefined && items !== undefined) model.setClasses(users, items);
  model.arch = { name: "embeddingDotBias", args: { ...options, ...(users && { users }), ...(items && { items }) } };
  return model;
}

models.add("embeddingDotBias", (args) => skipInit(() => build(args)));
