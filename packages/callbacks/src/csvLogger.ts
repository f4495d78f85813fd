import { appendFile, mkdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { checkOptions, DataError } from "@layerwise/core";
import { explainWriteError } from "@layerwise/core/files";
import { Callback, type JsonValue, type LogRow } from "@layerwise/core/learner";
import { csvCell, parseCsv, readCell } from "./csvText.ts";

export interface CSVLoggerOptions {
  /** File below the learner's path. @defaultValue "history.csv" */
  fname?: string;
  /** Whether to add to a file that is there, with a header per fit, instead of replacing it. @defaultValue false */
  append?: boolean;
}

/** One epoch of a log file, by column name. */
export type LogEntry = Record<string, number | string | null>;

/** Writes the results of every epoch to a CSV file, complete after each epoch. */
export class CSVLogger extends Callback {
  static override readonly cbName: string = "csvLogger";
  override readonly order = 60;
  override readonly trainOnly = true;
  readonly fname: string;
  readonly append: boolean;
  #isOpen = false;
  #size = 0;
  #resumeAt: number | null = null;

  constructor(options: CSVLoggerOptions = {}) {
    super();
    checkOptions("CSVLogger", options, { fname: true, append: true });
    const { fname = "history.csv", append = false } = options;
    this.fname = fname;
    this.append = append;
  }

  /** Where the log is. */
  get path(): string {
    return resolve(this.learn.path, this.fname);
  }

  override beforeFit(): void {
    this.#isOpen = false;
    this.#resumeAt = null;
  }

  /** Not in `beforeFit`: only now is it known whether a checkpoint says where to go on. */
  override async beforeEpoch(): Promise<void> {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const { path } = this;
    await explained(path, mkdir(dirname(path), { recursive: true }));
    const size = await sizeOf(path);
    if (this.#resumeAt !== null && this.#resumeAt <= size) {
      await explained(path, truncate(path, this.#resumeAt));
      this.#size = this.#resumeAt;
      return;
    }
    if (!this.append) await explained(path, writeFile(path, ""));
    this.#size = this.append ? size : 0;
    await this.#write(this.learn.recorder?.metricNames ?? []);
  }

  override async afterEpoch(): Promise<void> {
    const row = this.learn.recorder?.lastRow;
    if (row) await this.#write(row);
  }

  /** Every epoch in the file, those of earlier fits too. @throws {@link DataError} if there is no file */
  async readLog(): Promise<LogEntry[]> {
    const text = await readFile(this.path, "utf8").catch((cause: unknown) => {
      throw new DataError("CSVLogger.readLog", {
        given: `no readable file at ${this.path}`,
        expected: "the log of a fit",
        fix: "call it after `fit`",
        cause,
      });
    });
    let names: string[] = [];
    const entries: LogEntry[] = [];
    for (const row of parseCsv(text)) {
      if (row[0] === "epoch") names = row.map((cell) => String(readCell(cell) ?? ""));
      else entries.push(Object.fromEntries(row.map((cell, i) => [names[i] ?? `column ${i}`, readCell(cell)])));
    }
    return entries;
  }

  override state(): JsonValue {
    return this.#size;
  }

  override setState(state: JsonValue): void {
    this.#resumeAt = typeof state === "number" ? state : null;
  }

  async #write(row: LogRow): Promise<void> {
    const line = `${row.map(csvCell).join(",")}\n`;
    await explained(this.path, appendFile(this.path, line));
    this.#size += Buffer.byteLength(line);
  }
}

/** Says which file it was, and what to do, if the disk is full or the like. */
function explained<T>(path: string, written: Promise<T>): Promise<T> {
  return written.catch((error: unknown) => Promise.reject(explainWriteError(path, error)));
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
