import { checkOptions, DataError, type KnownOptions, OptionError } from "@layerwise/core";
import { CellCollector, type CsvType } from "./csvCells.ts";
import { type CsvSource, csvRecords, fileSource, type RecordOptions, textSource } from "./csvRecords.ts";
import { Table } from "./table.ts";
import { requireColumns } from "./unknownColumn.ts";

/** How a CSV file is read. */
export interface ReadTableOptions {
  /** Whether the first line names the columns. @defaultValue true */
  header?: boolean;
  /** Names of the columns, instead of the header's; without either they are "0", "1", … */
  columns?: readonly string[];
  /** Character between fields. @defaultValue found from the first lines: comma, semicolon, tab or bar */
  delimiter?: string;
  /** Character around a field that holds delimiters or line breaks. @defaultValue '"' */
  quote?: string;
  /** @defaultValue "utf-8" */
  encoding?: string;
  /** What some columns are, where finding out would be wrong: `{ zip: "string" }`. */
  types?: Readonly<Record<string, CsvType>>;
  /** What separates thousands in numbers: `","` reads "1,234" as 1234. */
  thousands?: string;
  /** Words that stand for a missing value in every column, beside the empty one: `["?"]`. */
  naValues?: readonly string[];
  /** Drops spaces that follow a delimiter. @defaultValue true */
  skipInitialSpace?: boolean;
  /** Reads no more than this many rows. */
  maxRows?: number;
}

const KNOWN: KnownOptions<ReadTableOptions> = {
  header: true,
  columns: true,
  delimiter: true,
  quote: true,
  encoding: true,
  types: true,
  thousands: true,
  naValues: true,
  skipInitialSpace: true,
  maxRows: true,
};

/**
 * Reads a CSV file into typed columns while it streams by. What a column holds is found from all of its values: numbers
 * if every one says a number without loss (not "007", and no integer beyond 2^53), then booleans, else text.
 * @throws {@link DataError} if the file is missing or empty, or a line has too many or too few fields
 */
export async function readTable(path: string, options: ReadTableOptions = {}): Promise<Table> {
  return read(fileSource(path), options);
}

/** Like {@link readTable}, for text that is already in memory. */
export async function parseTable(text: string, options: ReadTableOptions = {}): Promise<Table> {
  return read(textSource(text), options);
}

/**
 * A CSV file in pieces, for files larger than memory. The first piece decides what the columns are.
 * @param chunkRows - rows of a piece
 */
export async function* readTableChunks(
  path: string,
  { chunkRows = 65_536, ...options }: ReadTableOptions & { chunkRows?: number } = {},
): AsyncGenerator<Table> {
  const source = fileSource(path);
  const reader = await TableReader.open(source, options);
  let types = options.types ?? {};
  for await (const records of reader.records()) {
    for (const record of records) {
      reader.add(record);
      if (reader.rowCount < chunkRows) continue;
      yield reader.flush(types);
      types = reader.types;
    }
  }
  if (reader.rowCount > 0) yield reader.flush(types);
}

async function read(source: CsvSource, options: ReadTableOptions): Promise<Table> {
  let types = options.types ?? {};
  for (;;) {
    const reader = await TableReader.open(source, { ...options, types });
    for await (const records of reader.records()) for (const record of records) reader.add(record);
    const spoiled = reader.spoiled();
    if (spoiled.length === 0) return reader.finish();
    types = { ...types, ...Object.fromEntries(spoiled.map((name) => [name, "string" as const])) };
  }
}

/** Fills the columns of a table from records. */
class TableReader {
  readonly #source: CsvSource;
  readonly #options: ReadTableOptions;
  readonly #batches: AsyncGenerator<string[][]>;
  readonly #missing: ReadonlySet<string>;
  #pending: string[][];
  #collectors: CellCollector[] = [];
  #records = 0;
  #chosen: Record<string, CsvType> = {};
  names: readonly string[] = [];
  rowCount = 0;

  static async open(source: CsvSource, options: ReadTableOptions): Promise<TableReader> {
    checkOptions("readTable", options, KNOWN);
    const { delimiter = "", quote = '"' } = options;
    if (delimiter.length > 1 || quote.length !== 1) {
      throw new OptionError("readTable", {
        given: `delimiter "${delimiter}", quote "${quote}"`,
        expected: "one character each",
      });
    }
    const reader = new TableReader(source, options);
    await reader.#readNames();
    return reader;
  }

  private constructor(source: CsvSource, options: ReadTableOptions) {
    this.#source = source;
    this.#options = options;
    this.#batches = csvRecords(source, recordOptions(options));
    this.#missing = new Set(options.naValues);
    this.#pending = [];
  }

  get types(): Readonly<Record<string, CsvType>> {
    return this.#chosen;
  }

  /** Records of the right length, in batches. */
  async *records(): AsyncGenerator<string[][]> {
    const { maxRows = Number.POSITIVE_INFINITY } = this.#options;
    try {
      for (let left = maxRows; ; ) {
        const whole: string[][] = [];
        for (const record of this.#pending) {
          this.#records++;
          if (isBlank(record)) continue;
          if (record.length !== this.names.length) throw await this.#ragged(record);
          if (left-- > 0) whole.push(record);
        }
        yield whole;
        if (left <= 0) return;
        const { value, done } = await this.#batches.next();
        if (done) return;
        this.#pending = value;
      }
    } finally {
      await this.#batches.return(undefined);
    }
  }

  add(record: readonly string[]): void {
    const { skipInitialSpace = true } = this.#options;
    const collectors = this.#collectors;
    for (let i = 0; i < collectors.length; i++) {
      let text = record[i]!;
      if (skipInitialSpace && text.charCodeAt(0) === 32) text = text.trimStart();
      if (this.#missing.size > 0 && this.#missing.has(text)) text = "";
      if (!collectors[i]!.add(text)) throw this.#wrongCell(i, text);
    }
    this.rowCount++;
  }

  spoiled(): string[] {
    return this.names.filter((_, i) => this.#collectors[i]!.spoiled);
  }

  finish(): Table {
    return new Table(this.names.map((name, i) => [name, this.#collectors[i]!.finish()]));
  }

  /** The rows so far as a table; the next ones are of the same types. */
  flush(types: Readonly<Record<string, CsvType>>): Table {
    const [spoiled] = this.spoiled();
    if (spoiled !== undefined) {
      throw new DataError("readTableChunks", {
        given: `numbers and text in the column "${spoiled}" of ${this.#source.name}`,
        expected: "values of one kind",
        fix: `pass \`types: { "${spoiled}": "string" }\``,
      });
    }
    const table = this.finish();
    const kinds = { int: "number", float: "number", bool: "boolean" } as const;
    const typeOf = (name: string): CsvType => {
      const { type } = table.column(name);
      return type in kinds ? kinds[type as keyof typeof kinds] : "string";
    };
    this.#chosen = Object.fromEntries(this.names.map((name) => [name, types[name] ?? typeOf(name)]));
    this.#collect(this.#chosen);
    return table;
  }

  async #readNames(): Promise<void> {
    const { header = true, columns, types = {} } = this.#options;
    const { value: batch } = await this.#batches.next();
    const [first] = (batch ?? []) as string[][];
    if (first === undefined || (batch!.length === 1 && isBlank(first))) {
      await this.#batches.return(undefined);
      throw new DataError("readTable", { given: `${this.#source.name}, which is empty`, expected: "a table" });
    }
    const own = header ? uniqueNames(first) : first.map((_, i) => `${i}`);
    this.names = columns ?? own;
    this.#pending = header ? batch!.slice(1) : batch!;
    this.#records = header ? 1 : 0;
    requireColumns("readTable", Object.keys(types), this.names);
    this.#collect(types);
  }

  #collect(types: Readonly<Record<string, CsvType>>): void {
    this.#collectors = this.names.map((name) => new CellCollector(types[name], this.#options.thousands));
    this.rowCount = 0;
  }

  #wrongCell(at: number, text: string): DataError {
    return new DataError("readTable", {
      given: `"${text}" in column "${this.names[at]}" of ${this.#source.name}, record ${this.#records}`,
      expected: `a ${this.#options.types?.[this.names[at]!] ?? this.#chosen[this.names[at]!]}`,
      fix: `repair the value, or read the column as text with \`types: { "${this.names[at]}": "string" }\``,
    });
  }

  async #ragged(record: readonly string[]): Promise<DataError> {
    const { names } = this;
    const line = await this.#lineOf(this.#records);
    return new DataError("readTable", {
      given: `${this.#source.name}, line ${line}: ${record.length} fields, starting with "${record[0]!.slice(0, 40)}"`,
      expected: `${names.length} fields (${names.slice(0, 8).join(", ")}${names.length > 8 ? ", …" : ""})`,
      fix: "put fields that contain the delimiter in quotes, or name the file's own `delimiter`",
    });
  }

  /** Line on which a record (from 1) starts: quoted fields may span several. */
  async #lineOf(wanted: number): Promise<number> {
    let line = 1;
    let at = 0;
    for await (const batch of csvRecords(this.#source, recordOptions(this.#options))) {
      for (const record of batch) {
        if (++at === wanted) return line;
        line += record.reduce((sum, field) => sum + (field.match(/\r\n|\n|\r/g)?.length ?? 0), 1);
      }
    }
    return line;
  }
}

function recordOptions({ delimiter = "", quote = '"', encoding = "utf-8" }: ReadTableOptions): RecordOptions {
  return { delimiter, quote, encoding };
}

function isBlank(record: readonly string[]): boolean {
  return record.length === 1 && record[0] === "";
}

/** Names of a header; what comes twice is numbered as pandas does, `age`, `age.1`. */
function uniqueNames(header: readonly string[]): string[] {
  const names = new Set<string>();
  for (const [i, raw] of header.entries()) {
    const name = raw.trim() === "" ? `Unnamed: ${i}` : raw.trim();
    let free = name;
    for (let n = 1; names.has(free); n++) free = `${name}.${n}`;
    names.add(free);
  }
  return [...names];
}
