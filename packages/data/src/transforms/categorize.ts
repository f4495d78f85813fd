import { checkOptions, DataError, type KnownOptions } from "@layerwise/core";
import { CrossEntropyLossFlat } from "@layerwise/core/losses";
import { TensorCategory, TensorData } from "@layerwise/core/tensor";
import { DisplayedTransform } from "../displayedTransform.ts";
import { type JsonObject, type SetupSource, transformRegistry } from "../transform.ts";
import { warn as warnUser } from "../warn.ts";
import { type Category, CategoryMap, isMissing, type NA, throwUnknown } from "./categoryMap.ts";

/** Options of {@link Categorize}. */
export interface CategorizeOptions<V extends Category = string> {
  /** The classes; learned from the training items if not given. */
  vocab?: readonly V[];
  /** Whether the classes are put in ascending order. @defaultValue true */
  sort?: boolean;
  /** Adds the class "#na#", number 0, for unknown and missing labels. @defaultValue false */
  addNa?: boolean;
  /** Gets a sentence about labels that train nothing, such as all of one class. @defaultValue prints it */
  warn?: (message: string) => void;
}

export const CATEGORIZE: KnownOptions<CategorizeOptions> = { vocab: true, sort: true, addNa: true, warn: true };

/** Turns a label into the number of its class, and back. The classes are those of the training items. */
export class Categorize<V extends Category = string> extends DisplayedTransform {
  override order = 1;
  override readonly showLabel: string = "category";
  readonly lossFunc: CrossEntropyLossFlat = new CrossEntropyLossFlat();
  readonly #options: CategorizeOptions<V>;
  #map: CategoryMap<V> | undefined;

  constructor(options: CategorizeOptions<V> = {}) {
    super();
    checkOptions("Categorize", options, CATEGORIZE);
    this.#options = options;
    if (options.vocab) this.#map = new CategoryMap(options.vocab, options);
  }

  /** Class names, once known. */
  get vocab(): readonly (V | typeof NA)[] | undefined {
    return this.#map?.vocab;
  }

  /** Number of classes, once known. */
  get c(): number | undefined {
    return this.#map?.length;
  }

  override async setups(items: SetupSource): Promise<void> {
    const { vocab, warn = warnUser } = this.#options;
    if (vocab) return;
    const labels = new Set<V>();
    for (let i = 0; i < items.length; i++) {
      const label = await items.get(i);
      if (Array.isArray(label)) throw listLabel(label);
      if (!isMissing(label)) labels.add(label as V);
    }
    if (labels.size === 0) {
      throw new DataError("Categorize", {
        given: `${items.length} training items without a label`,
        expected: "labels to learn the classes from",
        fix: "check `getY` and the splitter, or pass `vocab`",
      });
    }
    this.#map = new CategoryMap(labels, this.#options);
    if (labels.size === 1) warn(oneClass(items.length, [...labels][0]!));
  }

  override encodes(label: Category | null): TensorData<TensorCategory> {
    const map = this.#known();
    const index = map.indexOf(isMissing(label) ? undefined : label);
    if (index !== undefined) return new TensorData(TensorCategory, [], Int32Array.of(index));
    if (Array.isArray(label)) throw listLabel(label);
    if (!isMissing(label)) return throwUnknown("Categorize", [label], map.vocab);
    throw new DataError("Categorize", {
      given: "no label",
      expected: "a label for every item",
      fix: "leave items without a label out in `getItems`, or give `addNa: true` for a class of their own",
    });
  }

  override decodes(x: TensorData | number): V | typeof NA {
    return this.#known().at(x instanceof TensorData ? x.values[0]! : x);
  }

  override toArgs(): JsonObject {
    const { addNa = false, sort = true } = this.#options;
    if (!this.#map) return { addNa, sort };
    return { vocab: addNa ? this.#map.vocab.slice(1) : this.#map.vocab, addNa, sort: false };
  }

  #known(): CategoryMap<V> {
    return this.#map ?? throwUnset("Categorize");
  }
}

/** Says that a vocabulary is asked for before it is known. */
export function throwUnset(where: string): never {
  throw new DataError(where, {
    given: "a label before the classes are known",
    expected: "`setup` with training items, or `vocab`",
  });
}

function oneClass(count: number, label: Category): string {
  return (
    `Categorize: all ${count} training items have the label ${JSON.stringify(label)}; ` +
    "a model learns nothing from one class. Check `getY`, and that the splitter leaves every class in training."
  );
}

function listLabel(label: readonly unknown[]): DataError {
  return new DataError("Categorize", {
    given: `the list of labels ${JSON.stringify(label)}`,
    expected: "one label per item",
    fix: "use `multiCategoryBlock()` for several labels per item",
  });
}

transformRegistry.add("Categorize", (args) => new Categorize(args as CategorizeOptions));
