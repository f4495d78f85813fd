import { appendFile, mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { explainWriteError } from "@layerwise/core/files";
import { fileVersionEvent, type SummaryValue, summaryEvent } from "./summary.ts";
import { tfRecord } from "./tfRecord.ts";

/** Bytes that may wait before they are written. */
const MAX_WAITING = 1 << 20;

let files = 0;

/** Adds events to a file that TensorBoard reads, some at a time. */
export class EventWriter {
  readonly path: string;
  #waiting: Uint8Array[] = [];
  #size = 0;

  /** @param folder - what `tensorboard --logdir` is given, or a folder below it */
  constructor(folder: string) {
    const now = Date.now() / 1000;
    const name = `events.out.tfevents.${Math.floor(now)}.${hostname()}.${process.pid}.${files++}`;
    this.path = join(folder, name);
    this.#add(fileVersionEvent(now));
  }

  /** Keeps values of one step for the file. */
  add(step: number, values: readonly SummaryValue[]): void {
    if (values.length > 0) this.#add(summaryEvent(step, values, Date.now() / 1000));
  }

  get isFull(): boolean {
    return this.#size >= MAX_WAITING;
  }

  /** Writes what waits. @throws {@link DataError} if the disk is full or the path cannot be written */
  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#size = 0;
    if (bytes.length === 0) return;
    try {
      await mkdir(join(this.path, ".."), { recursive: true });
      await appendFile(this.path, bytes);
    } catch (error) {
      throw explainWriteError(this.path, error);
    }
  }

  #add(event: Uint8Array): void {
    const record = tfRecord(event);
    this.#waiting.push(record);
    this.#size += record.length;
  }
}
