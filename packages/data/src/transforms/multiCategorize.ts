import { checkOptions, DataError, type KnownOptions, OptionError } from "@layerwise/core";
import { BCEWithLogitsLossFlat } from "@layerwise/core/losses";
import { TensorData, TensorMultiCategory } from "@layerwise/core/tensor";
import { DisplayedTransform } from "../displayedTransform.ts";
import { type JsonObject, type SetupSource, transformRegistry } from "../transform.ts";
import { throwUnset } from "./categorize.ts";
import { type Category, CategoryMap, isMissing, type NA, throwUnknown } from "./categoryMap.ts";
import { hotIndices } from "./oneHotEncode.ts";

/** Options of {@link MultiCategorize}. */
export interface MultiCategorizeOptions<V extends Category = string> {
  /** The classes, whose order is kept; learned from the training items, and sorted, if not given. */
  vocab?: readonly V[];
  /** Adds the class "#na#", number 0. Unknown labels are an error all the same. @defaultValue false */
  addNa?: boolean;
}

export const MULTI_CATEGORIZE: KnownOptions<MultiCategorizeOptions> = { vocab: true, addNa: true };

/** Turns a list of labels into the numbers of their classes, and back; {@link OneHotEncode} follows. */
export class MultiCategorize<V extends Category = string> extends DisplayedTransform {
  override order = 1;
  override readonly showLabel: string = "category";
  readonly lossFunc: BCEWithLogitsLossFlat = new BCEWithLogitsLossFlat();
  readonly #options: MultiCategorizeOptions<V>;
  #map: CategoryMap<V> | undefined;

  constructor(options: MultiCategorizeOptions<V> = {}) {
    super();
    checkOptions("MultiCategorize", options, MULTI_CATEGORIZE);
    this.#options = options;
    if (options.vocab) this.#map = new CategoryMap(options.vocab, { ...options, sort: false });
  }

  /** Class names, once known. */
  get vocab(): readonly (V | typeof NA)[] | undefined {
    return this.#map?.vocab;
  }

  override async setups(items: SetupSource): Promise<void> {
    if (this.#options.vocab) return;
    const labels = new Set<V>();
    for (let i = 0; i < items.length; i++) {
      for (const label of asList(await items.get(i))) if (!isMissing(label)) labels.add(label as V);
    }
    if (labels.size === 0) {
      throw new DataError("MultiCategorize", {
        given: `${items.length} training items without a label`,
        expected: "labels to learn the classes from",
        fix: "check `getY` and the splitter, or pass `vocab`",
      });
    }
    this.#map = new CategoryMap(labels, this.#options);
  }

  override encodes(labels: readonly Category[]): TensorData<TensorMultiCategory> {
    const map = this.#map ?? throwUnset("MultiCategorize");
    const list = asList(labels) as readonly Category[];
    const unknown = list.filter((label) => isMissing(label) || !map.has(label));
    if (unknown.length > 0) throwUnknown("MultiCategorize", unknown, map.vocab);
    return new TensorData(
      TensorMultiCategory,
      [list.length],
      Int32Array.from(list, (label) => map.indexOf(label)!),
    );
  }

  override decodes(x: TensorData | readonly number[]): (V | typeof NA)[] {
    const map = this.#map ?? throwUnset("MultiCategorize");
    return map.mapIds(x instanceof TensorData ? x.values : x);
  }

  override toArgs(): JsonObject {
    const { addNa = false } = this.#options;
    if (!this.#map) return { addNa };
    return { vocab: addNa ? this.#map.vocab.slice(1) : this.#map.vocab, addNa };
  }
}

/** Takes targets that are a 0 or 1 per class already, and decodes them to class names. */
export class EncodedMultiCategorize<V extends Category = string> extends DisplayedTransform {
  override order = 1;
  override readonly showLabel: string = "category";
  readonly lossFunc: BCEWithLogitsLossFlat = new BCEWithLogitsLossFlat();
  readonly vocab: readonly V[];

  /** @param vocab - class names, in the order of the targets */
  constructor(vocab: readonly V[]) {
    super();
    if (!Array.isArray(vocab) || vocab.length === 0) {
      throw new OptionError("EncodedMultiCategorize", { given: "no vocab", expected: "the class names, in order" });
    }
    this.vocab = vocab;
  }

  get c(): number {
    return this.vocab.length;
  }

  override encodes(target: ArrayLike<number | boolean>): TensorData<TensorMultiCategory> {
    const values = Float32Array.from(Array.from(target ?? []), Number);
    if (values.length === this.c && values.every((value) => value === 0 || value === 1)) {
      return new TensorData(TensorMultiCategory, [this.c], values);
    }
    throw new DataError("EncodedMultiCategorize", {
      given: `the target ${JSON.stringify(target)}`,
      expected: `a 0 or 1 for each of ${this.c} classes`,
      fix: "use `multiCategoryBlock()` without `encoded` for lists of names",
    });
  }

  override decodes(x: TensorData): V[] {
    return hotIndices(x.values).map((i) => this.vocab[i]!);
  }

  override toArgs(): JsonObject {
    return { vocab: this.vocab };
  }
}

function asList(labels: unknown): readonly unknown[] {
  if (Array.isArray(labels)) return labels;
  throw new DataError("MultiCategorize", {
    given: `the ${typeof labels} ${JSON.stringify(labels)}`,
    expected: "a list of labels for each item, empty for none",
    fix: 'split text with `new ColReader(column, { labelDelim: " " })`, or use `categoryBlock()` for one label per item',
  });
}

transformRegistry.add("MultiCategorize", (args) => new MultiCategorize(args as MultiCategorizeOptions));
transformRegistry.add("EncodedMultiCategorize", ({ vocab }) => new EncodedMultiCategorize(vocab as readonly string[]));
