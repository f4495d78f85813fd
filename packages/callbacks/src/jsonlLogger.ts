import { appendFile, mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { checkOptions } from "@layerwise/core";
import { explainWriteError } from "@layerwise/core/files";
import { type BatchRecord, type EpochRecord, ExperimentLogger, type RunInfo } from "./experimentLogger.ts";

export interface JsonlLoggerOptions {
  /** File below the learner's path; lines are added to what is there. @defaultValue "run.jsonl" */
  fname?: string;
  /** Also a line per training batch. @defaultValue true */
  batches?: boolean;
}

/** Writes a fit as lines of JSON, each with an `event`: start, batch, epoch, end. */
export class JsonlLogger extends ExperimentLogger {
  static override readonly cbName: string = "jsonlLogger";
  readonly fname: string;
  readonly batches: boolean;
  #lines: string[] = [];

  constructor(options: JsonlLoggerOptions = {}) {
    super();
    checkOptions("JsonlLogger", options, { fname: true, batches: true });
    const { fname = "run.jsonl", batches = true } = options;
    this.fname = fname;
    this.batches = batches;
  }

  get path(): string {
    return resolve(this.learn.path, this.fname);
  }

  protected override onStart(info: RunInfo): Promise<void> {
    this.#lines = [];
    return this.#write("start", { time: new Date().toISOString(), ...info });
  }

  protected override onBatch(record: BatchRecord): void {
    if (this.batches) this.#lines.push(toLine("batch", record));
  }

  protected override onEpoch(record: EpochRecord): Promise<void> {
    return this.#write("epoch", record);
  }

  protected override onEnd(): Promise<void> {
    return this.#write("end", { time: new Date().toISOString() });
  }

  async #write(event: string, record: object): Promise<void> {
    const lines = [...this.#lines, toLine(event, record)];
    this.#lines = [];
    const { path } = this;
    try {
      await mkdir(dirname(path), { recursive: true });
      await appendFile(path, lines.join(""));
    } catch (error) {
      throw explainWriteError(path, error);
    }
  }
}

function toLine(event: string, record: object): string {
  return `${JSON.stringify({ event, ...record })}\n`;
}
