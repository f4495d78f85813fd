import { createReadStream } from "node:fs";
import { DataError } from "@layerwise/core";
import Papa from "papaparse";

/** Characters of a file that are parsed at a time. */
const CHUNK = 1 << 18;

/** A record longer than this is a quote that was never closed. */
const LONGEST = 1 << 24;

/** How records are told apart. */
export interface RecordOptions {
  delimiter: string;
  quote: string;
  encoding: string;
}

/** A file, or a text in memory, that can be read more than once. */
export interface CsvSource {
  /** What to call it in messages. */
  readonly name: string;
  open(encoding: string): AsyncIterable<string>;
}

/** @throws {@link DataError} while reading, if the file is missing or not in that encoding */
export function fileSource(path: string, name = path): CsvSource {
  return { name, open: (encoding) => decoded(path, encoding) };
}

export function textSource(text: string, name = "the CSV text"): CsvSource {
  async function* open(): AsyncGenerator<string> {
    yield text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }
  return { name, open };
}

/** Batches of records; the source is read no further than they are asked for. */
export async function* csvRecords(
  source: CsvSource,
  { delimiter, quote, encoding }: RecordOptions,
): AsyncGenerator<string[][]> {
  let rest = "";
  let config: ParserConfig | undefined;
  const parse = (text: string, isLast: boolean): string[][] => {
    config ??= { delimiter: delimiter || guessDelimiter(text, quote), quoteChar: quote, newline: guessNewline(text) };
    const { data, errors, meta } = new Parser(config).parse(text, 0, !isLast);
    rest = isLast ? "" : text.slice(meta.cursor);
    if (errors.length > 0 || rest.length > LONGEST) throw brokenQuotes(source.name, quote, errors);
    return data;
  };
  for await (const piece of source.open(encoding)) {
    const data = parse(rest + piece, false);
    if (data.length > 0) yield data;
  }
  if (rest !== "") yield parse(rest, true);
}

interface ParserConfig {
  delimiter: string;
  quoteChar: string;
  newline: string;
}

/** Papaparse's parser of one piece, which says where the last whole record ended. */
const Parser = (Papa as unknown as { Parser: new (config: ParserConfig) => PieceParser }).Parser;

interface PieceParser {
  parse(
    text: string,
    baseIndex: number,
    ignoreLastRow: boolean,
  ): { data: string[][]; errors: Papa.ParseError[]; meta: { cursor: number } };
}

function guessNewline(text: string): string {
  const [found = "\n"] = text.slice(0, CHUNK).match(/\r\n|\n|\r/) ?? [];
  return found;
}

/** What cuts the first lines into the same number of fields, and the most of them. */
function guessDelimiter(text: string, quote: string): string {
  const counts = [",", ";", "\t", "|"].map((delimiter) => {
    const { data } = Papa.parse<string[]>(text, { delimiter, quoteChar: quote, preview: 10, skipEmptyLines: true });
    const fields = data.slice(0, text.length < CHUNK ? undefined : -1).map((record) => record.length);
    return { delimiter, fields: fields.every((count) => count === fields[0]) ? (fields[0] ?? 1) : 1 };
  });
  return counts.reduce((best, next) => (next.fields > best.fields ? next : best)).delimiter;
}

async function* decoded(path: string, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true }); // drops a byte order mark
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: CHUNK })) {
      yield decoder.decode(bytes as Uint8Array, { stream: true });
    }
    yield decoder.decode();
  } catch (cause) {
    const isText = cause instanceof TypeError;
    throw new DataError("readTable", {
      given: isText ? `"${path}", which is not ${encoding} text` : `"${path}", which cannot be read`,
      expected: "a CSV file",
      ...(isText ? { fix: 'name its `encoding`, such as "latin1"' } : {}),
      cause,
    });
  }
}

function brokenQuotes(name: string, quote: string, errors: readonly Papa.ParseError[]): DataError {
  const [{ message } = { message: "a field without an end" }] = errors;
  return new DataError("readTable", {
    given: `${name}: ${message}`,
    expected: `every ${quote} closed, and doubled inside a quoted field`,
    fix: "repair the line, or name another `quote` character",
  });
}
