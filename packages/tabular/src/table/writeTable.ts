import { checkOptions } from "@layerwise/core";
import { atomicWrite } from "@layerwise/core/files";
import Papa from "papaparse";
import { cellText } from "./cellText.ts";
import type { Table } from "./table.ts";

export interface WriteTableOptions {
  /** Character between fields. @defaultValue "," */
  delimiter?: string;
  /**
   * Puts an apostrophe before texts that a spreadsheet would run as a formula (they start with =, +, -, @, a tab or a
   * line break). @defaultValue true
   */
  escapeFormulas?: boolean;
}

/** Rows that are written at a time. */
const CHUNK = 10_000;

/** Writes a table as a CSV file, whole or not at all. @throws {@link DataError} if it cannot be written */
export async function writeTable(table: Table, path: string, options: WriteTableOptions = {}): Promise<void> {
  checkOptions("writeTable", options, { delimiter: true, escapeFormulas: true });
  await atomicWrite(path, pieces(table, options));
}

/** A table as CSV text. */
export function tableToCsv(table: Table, options: WriteTableOptions = {}): string {
  checkOptions("tableToCsv", options, { delimiter: true, escapeFormulas: true });
  return [...texts(table, options)].join("");
}

function* pieces(table: Table, options: WriteTableOptions): Generator<Uint8Array> {
  for (const text of texts(table, options)) yield Buffer.from(text);
}

function* texts(table: Table, { delimiter = ",", escapeFormulas = true }: WriteTableOptions): Generator<string> {
  const { names } = table;
  const csv = (rows: unknown[][]): string =>
    `${Papa.unparse(rows, { delimiter, newline: "\n", escapeFormulae: escapeFormulas })}\n`;
  yield csv([[...names]]);
  const columns = names.map((name) => table.column(name));
  for (let start = 0; start < table.length; start += CHUNK) {
    const count = Math.min(CHUNK, table.length - start);
    yield csv(Array.from({ length: count }, (_, i) => columns.map((column) => cellText(column.get(start + i)))));
  }
}
