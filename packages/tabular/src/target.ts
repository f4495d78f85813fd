import { DataError, OptionError } from "@layerwise/core";
import type { Vocab } from "@layerwise/core/learner";
import type { LossFunc } from "@layerwise/core/losses";
import { TensorCategory, TensorData, TensorFloat, type TensorKind, TensorMultiCategory } from "@layerwise/core/tensor";
import {
  Categorize,
  type Category,
  EncodedMultiCategorize,
  mkTransform,
  RegressionSetup,
  type Transform,
  type TransformBlock,
  type TransformConfig,
  tfmsOf,
  transformFromConfig,
} from "@layerwise/data";
import { distinct } from "./procs/categorify.ts";
import { cellText } from "./table/cellText.ts";
import { Column, recoded } from "./table/column.ts";
import type { Table } from "./table/table.ts";

type TargetTransform = Categorize<Category> | RegressionSetup | EncodedMultiCategorize<Category>;

/** What the target columns are, and how they become numbers: the table's end of a `categoryBlock` and its like. */
export class Target {
  readonly names: readonly string[];
  #tfm: TargetTransform;

  /**
   * @param block - `categoryBlock()`, `regressionBlock()` or `multiCategoryBlock({ encoded: true, vocab })`
   * @throws {@link OptionError} for a block that tables have no use for
   */
  constructor(names: readonly string[], block: TransformBlock<never, unknown> | TargetTransform) {
    this.names = names;
    this.#tfm = block instanceof Object && "typeTfms" in block ? targetTransform(block) : block;
    const vocab = this.#tfm instanceof EncodedMultiCategorize ? this.#tfm.vocab.length : 1;
    if (this.#tfm instanceof RegressionSetup || names.length === vocab) return;
    throw new OptionError("yBlock", {
      given: `${names.length} target columns (${names.join(", ")})`,
      expected: `${vocab}, ${vocab === 1 ? "whose values are the classes" : "one per class of the vocab"}`,
      fix: "several yes-or-no targets go with `multiCategoryBlock({ encoded: true, vocab: yNames })`",
    });
  }

  /** The block that the columns ask for: regression for numbers, classes for all else. */
  static infer(names: readonly string[], table: Table): Target {
    const areNumbers = names.every((name) => table.column(name).isNumeric);
    return new Target(names, areNumbers ? new RegressionSetup(names.length) : new Categorize<Category>());
  }

  get isCategory(): boolean {
    return this.#tfm instanceof Categorize;
  }

  get vocab(): Vocab | undefined {
    return this.#tfm instanceof RegressionSetup ? undefined : (this.#tfm.vocab as Vocab | undefined);
  }

  /** Number of outputs. */
  get c(): number | undefined {
    return this.#tfm instanceof RegressionSetup ? this.names.length : this.#tfm.c;
  }

  get lossFunc(): LossFunc {
    return this.#tfm.lossFunc;
  }

  /** Kind of the tensor of targets. */
  get kind(): TensorKind {
    if (this.isCategory) return TensorCategory;
    return this.#tfm instanceof RegressionSetup ? TensorFloat : TensorMultiCategory;
  }

  /** Learns the classes from the training rows. */
  setups(train: Table): void {
    const [name] = this.names;
    if (!(this.#tfm instanceof Categorize) || this.#tfm.vocab !== undefined || name === undefined) return;
    requireTargets(train, this.names);
    const column = train.column(name);
    if (train.length === 0)
      throw new DataError("TabularTable", { given: "no training rows", expected: "rows to learn from" });
    this.#tfm = new Categorize<Category>({ vocab: distinct(column), sort: column.type !== "category" });
  }

  /** The table with numbers for targets. @throws {@link DataError} for a missing target, or a class not met in training */
  encodes(table: Table): Table {
    requireTargets(table, this.names);
    let encoded = table;
    for (const name of this.names) encoded = encoded.with(name, this.#encode(table.column(name), name));
    return encoded;
  }

  /** One target as a person reads it: the class, the number, the list of numbers or classes. */
  decode(values: ArrayLike<number>): unknown {
    if (this.#tfm instanceof Categorize) return this.#tfm.decodes(values[0]!);
    if (this.#tfm instanceof RegressionSetup) return values.length === 1 ? values[0]! : Array.from(values);
    return this.#tfm.decodes(new TensorData(TensorMultiCategory, [values.length], Float32Array.from(values)));
  }

  /** Cells of one target under the names of its columns, for tables on paper. */
  cells(decoded: unknown): (Category | null)[] {
    if (this.#tfm instanceof EncodedMultiCategorize) {
      return this.#tfm.vocab.map((name) => (decoded as readonly Category[]).includes(name));
    }
    return Array.isArray(decoded) ? decoded : [decoded as Category];
  }

  toConfig(): { names: readonly string[]; transform: TransformConfig } {
    return { names: this.names, transform: { name: this.#tfm.name, args: this.#tfm.toArgs() } };
  }

  static fromConfig({ names, transform }: { names: readonly string[]; transform: TransformConfig }): Target {
    return new Target(names, checkTransform([transformFromConfig(transform)]));
  }

  #encode(column: Column, name: string): Column {
    const tfm = this.#tfm;
    if (!(tfm instanceof Categorize)) return new Column("float", Float32Array.from(column.toNumbers(name)));
    const ids = new Map<Category, number>();
    for (const label of distinct(column)) ids.set(label, (tfm.encodes(label) as TensorData).values[0]!);
    if (column.isCoded) {
      const to = Int32Array.from(column.categories, (category) => ids.get(category) ?? -1);
      return new Column("int", recoded(column.values, to, -1));
    }
    return new Column(
      "int",
      Int32Array.from({ length: column.length }, (_, i) => ids.get(cellText(column.get(i)) as Category)!),
    );
  }
}

function requireTargets(table: Table, names: readonly string[]): void {
  for (const name of names) {
    const column = table.column(name);
    const count = column.missingCount();
    if (count === 0) {
      const at = column.type === "float" ? column.values.findIndex((value) => !Number.isFinite(value)) : -1;
      if (at < 0) continue;
      throw new DataError("TabularTable", {
        given: `${column.values[at]} as the target "${name}" of row ${at}`,
        expected: "finite numbers",
        fix: "drop or clip such rows",
      });
    }
    const first = Array.from({ length: column.length }, (_, i) => i).find((i) => column.isMissing(i));
    throw new DataError("TabularTable", {
      given: `${count} of ${table.length} rows without the target "${name}", the first is row ${first}`,
      expected: "a target in every row",
      fix: `leave those rows out: \`table.dropMissing(["${name}"])\``,
    });
  }
}

function targetTransform(block: TransformBlock<never, unknown>): TargetTransform {
  return checkTransform(tfmsOf(block.typeTfms).map(mkTransform));
}

function checkTransform(tfms: readonly Transform[]): TargetTransform {
  const [tfm] = tfms;
  const isTarget = tfm instanceof Categorize || tfm instanceof RegressionSetup || tfm instanceof EncodedMultiCategorize;
  if (tfms.length === 1 && isTarget) return tfm;
  throw new OptionError("yBlock", {
    given: `a block with the transforms ${tfms.map(({ name }) => name).join(", ") || "of none"}`,
    expected: "`categoryBlock()`, `regressionBlock()` or `multiCategoryBlock({ encoded: true, vocab: yNames })`",
  });
}
