import { OptionError, Registry } from "@layerwise/core";
import type { JsonObject } from "@layerwise/data";
import type { Table } from "../table/table.ts";

/** Which columns are what. */
export interface ColumnNames {
  /** Categories. */
  readonly cat: readonly string[];
  /** Continuous numbers. */
  readonly cont: readonly string[];
  /** Targets. */
  readonly y: readonly string[];
}

/** A table, and what its columns are: a processor may add some. */
export interface Processed {
  readonly table: Table;
  readonly names: ColumnNames;
}

/**
 * A reversible step that prepares a table for a model. It learns from the training rows, then changes all rows, before
 * the next one learns. Steps run by `order`, whatever their place in a list.
 */
export abstract class TabularProc {
  readonly order: number = 0;

  get name(): string {
    return this.constructor.name;
  }

  /** Learns from the training rows, as the earlier steps leave them. */
  setups(_train: Table, _names: ColumnNames): void {}

  /** The table as the next step gets it. */
  abstract encodes(table: Table, names: ColumnNames): Processed;

  /** Undoes `encodes`, as far as a person looking at the table cares; columns that are not there are passed by. */
  decodes(table: Table, _names: ColumnNames): Table {
    return table;
  }

  /** What it learned and its options, as plain data for {@link tabularProcs}. */
  toArgs(): JsonObject {
    return {};
  }
}

/** A processor, or the class of one that needs no options. */
export type ProcLike = TabularProc | (new () => TabularProc);

/** Processors by name, for export files. */
export const tabularProcs: Registry<(args: JsonObject) => TabularProc> = new Registry("table processor");

/** Processors in the order in which they run. */
export function sortedProcs(procs: readonly ProcLike[]): TabularProc[] {
  return procs.map(mkProc).sort((a, b) => a.order - b.order);
}

function mkProc(proc: ProcLike): TabularProc {
  if (proc instanceof TabularProc) return proc;
  if (typeof proc === "function" && proc.prototype instanceof TabularProc) return new proc();
  throw new OptionError("procs", {
    given: typeof proc === "function" ? `the class or function "${proc.name}"` : typeof proc,
    expected: "processors of tables: Categorify, FillMissing, Normalize, or a TabularProc of your own",
    fix: "import `Normalize` from `@layerwise/tabular`; the one of `@layerwise/data` is for batches",
  });
}
