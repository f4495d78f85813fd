import { checkOptions, DataError, type KnownOptions, OptionError } from "@layerwise/core";
import Papa from "papaparse";
import type { Cell } from "./frame.ts";

/** How a CSV text is read. */
export interface CsvOptions {
  /** Whether the first line names the columns. @defaultValue true */
  header?: boolean;
  /** Names of the columns, instead of the header's; without either they are "0", "1", … */
  columns?: readonly string[];
  /** Character between fields. @defaultValue "," */
  delimiter?: string;
  /** Character around a field that holds delimiters or line breaks. @defaultValue '"' */
  quote?: string;
  /** What some columns are, where reading them as numbers or booleans would be wrong. */
  types?: Readonly<Record<string, CellType>>;
  /** What to call the text in messages; {@link readCsv} puts the path. */
  name?: string;
}

const known: KnownOptions<CsvOptions> = {
  ...{ header: true, columns: true, delimiter: true, quote: true, types: true, name: true },
};

/** What the values of a column are. */
export type CellType = "string" | "number" | "boolean";

/** Missing where the rest of a column is numbers or booleans; in a text column they are text (a country, "NA"). */
const missingWords = new Set(["NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "<NA>"]);
const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const booleans = new Map([
  ["true", true],
  ["True", true],
  ["TRUE", true],
  ["false", false],
  ["False", false],
  ["FALSE", false],
]);

/** Columns of a CSV text, with types found per column. */
export function parseCsvColumns(text: string, options: CsvOptions = {}): { columns: string[]; data: Cell[][] } {
  checkOptions("readCsv", options, known);
  const { header = true, delimiter = ",", quote = '"', types = {}, name = "the CSV text" } = options;
  if (delimiter.length !== 1 || quote.length !== 1) {
    throw new OptionError("readCsv", {
      given: `delimiter "${delimiter}", quote "${quote}"`,
      expected: "one character each",
    });
  }
  const bare = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const { data: records, errors } = Papa.parse<string[]>(bare, { delimiter, quoteChar: quote });
  const broken = errors.find((error) => error.type === "Quotes");
  if (broken) {
    throw new DataError("readCsv", {
      given: `${name}, line ${lineOf(records, broken.row ?? 0)}: ${broken.message}`,
      expected: `every ${quote} closed, and doubled inside a quoted field`,
      fix: "repair the line, or name another `quote` character",
    });
  }
  const first = records[0];
  if (first === undefined || (records.length === 1 && isBlank(first))) {
    throw new DataError("readCsv", { given: `${name}, which is empty`, expected: "a table" });
  }
  const names = options.columns ? [...options.columns] : header ? uniqueNames(first) : first.map((_, i) => `${i}`);
  const rows: string[][] = [];
  for (let i = header ? 1 : 0; i < records.length; i++) {
    const record = records[i]!;
    if (isBlank(record)) continue;
    if (record.length !== names.length) throw raggedRow(name, lineOf(records, i), record, names, delimiter);
    rows.push(record);
  }
  const unknown = Object.keys(types).find((column) => !names.includes(column));
  if (unknown !== undefined) {
    throw new OptionError("readCsv", {
      given: `a type for column "${unknown}"`,
      expected: `one of ${names.join(", ")}`,
    });
  }
  const data = names.map((column, c) => typedColumn(rows, c, column, types[column]));
  return { columns: names, data };
}

/** Numbers or booleans if every value can be read so without loss ("007" cannot), else strings. */
function typedColumn(rows: readonly string[][], at: number, name: string, type: CellType | undefined): Cell[] {
  const chosen = type ?? inferType(rows, at);
  return rows.map((row, i) => {
    const text = row[at]!;
    if (text === "") return null;
    if (chosen === "string") return text;
    const trimmed = text.trim();
    if (missingWords.has(trimmed)) return null;
    const value = chosen === "number" ? Number(trimmed) : booleans.get(trimmed);
    if (value !== undefined && (chosen === "boolean" || numberPattern.test(trimmed))) return value;
    throw new DataError("readCsv", { given: `"${text}" in column "${name}", row ${i}`, expected: `a ${chosen}` });
  });
}

function inferType(rows: readonly string[][], at: number): CellType {
  let numbers = 0;
  let flags = 0;
  for (const row of rows) {
    const text = row[at]!.trim();
    if (text === "" || missingWords.has(text)) continue;
    if (isLosslessNumber(text)) numbers++;
    else if (booleans.has(text)) flags++;
    else return "string";
    if (numbers > 0 && flags > 0) return "string";
  }
  if (numbers > 0) return "number";
  return flags > 0 ? "boolean" : "string";
}

function isLosslessNumber(text: string): boolean {
  if (!numberPattern.test(text) || /^[+-]?0\d/.test(text)) return false;
  return !/^[+-]?\d+$/.test(text) || Number.isSafeInteger(Number(text));
}

function uniqueNames(header: readonly string[]): string[] {
  const names: string[] = [];
  header.forEach((raw, i) => {
    const name = raw.trim() === "" ? `Unnamed: ${i}` : raw;
    let free = name;
    for (let n = 1; names.includes(free); n++) free = `${name}.${n}`;
    names.push(free);
  });
  return names;
}

function raggedRow(
  name: string,
  line: number,
  record: string[],
  names: readonly string[],
  delimiter: string,
): DataError {
  return new DataError("readCsv", {
    given: `${name}, line ${line}: ${record.length} fields, starting with "${record[0]!.slice(0, 40)}"`,
    expected: `${names.length} fields (${names.slice(0, 8).join(", ")}${names.length > 8 ? ", …" : ""})`,
    fix: `put fields that contain "${delimiter}" in quotes, or name the file's own \`delimiter\``,
  });
}

/** Line, from 1, on which a record starts: quoted fields may span several. */
function lineOf(records: readonly string[][], row: number): number {
  const breaks = (field: string) => field.match(/\r\n|\n|\r/g)?.length ?? 0;
  return records
    .slice(0, row)
    .reduce((line, record) => record.reduce((sum, field) => sum + breaks(field), line + 1), 1);
}

function isBlank(record: readonly string[]): boolean {
  return record.length === 1 && record[0] === "";
}
