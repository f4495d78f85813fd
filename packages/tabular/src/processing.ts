import { OptionError } from "@layerwise/core";
import type { JsonValue } from "@layerwise/core/learner";
import type { TransformConfig } from "@layerwise/data";
import { Categorify } from "./procs/categorify.ts";
import { type ColumnNames, type Processed, type TabularProc, tabularProcs } from "./procs/tabularProc.ts";
import type { Column } from "./table/column.ts";
import { Table } from "./table/table.ts";
import { requireColumns } from "./table/unknownColumn.ts";
import { Target } from "./target.ts";

/** Processors and the target with what they learned from the training rows; shared by all tables processed alike. */
export class Processing {
  /** The columns as they were named, before processors added any. */
  readonly given: ColumnNames;
  readonly procs: readonly TabularProc[];
  readonly target: Target | undefined;
  /** Whether batches carry a tensor of continuous columns. */
  readonly withCont: boolean;
  #names: ColumnNames;

  constructor(
    given: ColumnNames,
    procs: readonly TabularProc[],
    target: Target | undefined,
    withCont = true,
    names = given,
  ) {
    this.given = given;
    this.procs = procs;
    this.target = target;
    this.withCont = withCont;
    this.#names = names;
  }

  /** The columns after all processors. */
  get names(): ColumnNames {
    return this.#names;
  }

  /** The step that numbers the categories, if there is one. */
  get categorify(): Categorify | undefined {
    return this.procs.find((proc) => proc instanceof Categorify);
  }

  /** Fits each step on the first `split` rows, as the steps before it leave them, and applies it to all. */
  fit(table: Table, split: number): Table {
    requireColumns("TabularTable", [...this.given.cat, ...this.given.cont, ...this.given.y], table.names);
    let state: Processed = { table, names: this.given };
    if (this.target !== undefined) {
      this.target.setups(table.slice(0, split));
      state = { table: this.target.encodes(table), names: this.given };
    }
    for (const proc of this.procs) {
      proc.setups(state.table.slice(0, split), state.names);
      state = proc.encodes(state.table, state.names);
    }
    this.#names = state.names;
    return state.table;
  }

  /** The same steps on other rows; nothing is learned. @param withTargets - whether they have targets */
  apply(table: Table, withTargets: boolean): Table {
    const y = withTargets ? this.given.y : [];
    requireColumns("TabularTable", [...this.given.cat, ...this.given.cont, ...y], table.names);
    const used = table.select([...new Set([...this.given.cat, ...this.given.cont, ...y])]);
    let state: Processed = { table: used, names: this.given };
    if (withTargets && this.target !== undefined) state = { table: this.target.encodes(used), names: this.given };
    for (const proc of this.procs) state = proc.encodes(state.table, state.names);
    return state.table;
  }

  /** Values of one column as the steps leave them. */
  encodeColumn(name: string, values: Column): Column {
    const names: ColumnNames = this.#names.cat.includes(name)
      ? { cat: [name], cont: [], y: [] }
      : { cat: [], cont: [name], y: [] };
    let table = new Table([[name, values]]);
    for (const proc of this.procs) table = proc.encodes(table, names).table;
    return table.column(name);
  }

  /** Undoes the steps for the columns that are there; targets stay numbers. */
  decode(table: Table): Table {
    return this.procs.reduceRight((decoded, proc) => proc.decodes(decoded, this.#names), table);
  }

  toConfig(): JsonValue {
    const procs = this.procs.map((proc): TransformConfig => {
      tabularProcs.get(proc.name);
      return { name: proc.name, args: proc.toArgs() };
    });
    const target = this.target?.toConfig() ?? null;
    return JSON.parse(
      JSON.stringify({ given: this.given, names: this.#names, procs, target, withCont: this.withCont }),
    ) as JsonValue;
  }

  /** What `toConfig` wrote. Runs no code from the file. */
  static fromConfig(config: JsonValue): Processing {
    const { given, names, procs, target, withCont } = config as unknown as ProcessingConfig;
    if (given === undefined || names === undefined || !Array.isArray(procs)) {
      throw new OptionError("TabularDataLoaders", {
        given: "a description without columns or processors",
        expected: "what `toConfig` writes",
      });
    }
    const made = procs.map(({ name, args }) => tabularProcs.get(name)(args));
    return new Processing(given, made, target === null ? undefined : Target.fromConfig(target), withCont, names);
  }
}

interface ProcessingConfig {
  readonly given: ColumnNames;
  readonly names: ColumnNames;
  readonly procs: readonly TransformConfig[];
  readonly target: Parameters<typeof Target.fromConfig>[0] | null;
  readonly withCont: boolean;
}
