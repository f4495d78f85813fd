import { DataError } from "@layerwise/core";
import type { TabularTable } from "../tabularTable.ts";

/** Columns of numbers to grow trees from, and the numbers to predict. */
export interface TreeData {
  readonly names: readonly string[];
  /** One array per name. */
  readonly columns: readonly ArrayLike<number>[];
  readonly targets: ArrayLike<number>;
}

/**
 * Inputs and the first target of a prepared table; categories count as numbers, in their order. Use `procs:
 * [Categorify, FillMissing]`: trees need no `Normalize`.
 * @throws {@link DataError} without targets, or for missing values
 */
export function treeData(to: TabularTable<unknown>): TreeData {
  const { names } = to.xs;
  const columns = names.map((name) => {
    const values = to.xs.column(name).toNumbers(name);
    const gap = Array.prototype.findIndex.call(values, Number.isNaN);
    if (gap < 0) return values;
    throw new DataError("treeData", {
      given: `no value in the column "${name}", row ${gap}`,
      expected: "numbers in every row",
      fix: "add `FillMissing` to `procs`",
    });
  });
  return { names, columns, targets: to.y.toNumbers(to.yNames[0]) };
}
