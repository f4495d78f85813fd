import { checkOptions } from "@layerwise/core";
import { Table, type TableLike } from "../table/table.ts";
import { requireColumns } from "../table/unknownColumn.ts";

export interface ContCatSplitOptions {
  /** Whole numbers with more different values than this are continuous. @defaultValue 20 */
  maxCard?: number;
  /** Columns to leave out: the targets. */
  depVar?: string | readonly string[];
}

/**
 * Guesses which columns are continuous and which are categories: numbers with a fraction, and whole numbers of many
 * different values, are continuous; all else is categories. Take dates apart first, with `addDatepart`.
 * @throws {@link DataError} if `depVar` names no column
 */
export function contCatSplit(
  source: TableLike,
  options: ContCatSplitOptions = {},
): [contNames: string[], catNames: string[]] {
  checkOptions("contCatSplit", options, { maxCard: true, depVar: true });
  const { maxCard = 20, depVar = [] } = options;
  const table = Table.from(source);
  const targets = typeof depVar === "string" ? [depVar] : depVar;
  requireColumns("contCatSplit", targets, table.names);
  const [cont, cat]: [string[], string[]] = [[], []];
  for (const [name, column] of table.entries()) {
    if (targets.includes(name)) continue;
    const isCont = column.type === "float" || (column.type === "int" && new Set(column.values).size > maxCard);
    (isCont ? cont : cat).push(name);
  }
  return [cont, cat];
}
