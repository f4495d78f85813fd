import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { DataError } from "@layerwise/core";
import Papa from "papaparse";

/** Characters of a file that are parsed at a time. */
const CHUNK = 1 << 20;

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
  const queue: string[][][] = [];
  let failure: unknown;
  let done = false;
  let parser: Papa.Parser | undefined;
  let wake = (): void => {};
  const input = Readable.from(source.open(encoding));
  const fail = (error: unknown): void => {
    failure ??= error;
    done = true;
    wake();
  };
  input.on("error", fail);
  Papa.parse<string[]>(input, {
    delimiter,
    quoteChar: quote,
    chunk({ data, errors }, handle) {
      parser = handle;
      if (errors.some((error) => error.type === "Quotes")) return fail(brokenQuotes(source.name, quote, errors));
      queue.push(data);
      handle.pause();
      wake();
    },
    complete() {
      done = true;
      wake();
    },
    error: fail,
  });
  try {
    for (;;) {
      const batch = queue.shift();
      if (failure !== undefined) throw failure;
      if (batch !== undefined) {
        yield batch;
        continue;
      }
      if (done) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        parser?.resume();
      });
    }
  } finally {
    input.destroy();
  }
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
  const { row, message } = errors.find((error) => error.type === "Quotes")!;
  return new DataError("readTable", {
    given: `${name}, near record ${(row ?? 0) + 1}: ${message}`,
    expected: `every ${quote} closed, and doubled inside a quoted field`,
    fix: "repair the line, or name another `quote` character",
  });
}
