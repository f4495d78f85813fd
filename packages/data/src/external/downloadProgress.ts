import { SingleBar } from "cli-progress";

/** Gets to hear how far a download is. */
export interface DownloadProgress {
  /** @param total - bytes in all, if the server tells; `done` of them are here already */
  start(name: string, total: number | undefined, done: number): void;
  update(done: number): void;
  stop(): void;
}

interface TextStream {
  isTTY?: boolean;
  write(text: string): unknown;
}

/** A bar in a terminal; elsewhere one line for each tenth (without a total, for each 10 MB). */
export function downloadProgress(stream: NodeJS.WritableStream & TextStream = process.stderr): DownloadProgress {
  return stream.isTTY ? new ProgressBar(stream) : new ProgressLines(stream);
}

/** `1.4 MB`. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1000 ** power).toPrecision(3)} ${units[power]}`;
}

/** `1 min 5 s`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return "unknown time";
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Time left, from the bytes since the start; what an earlier run had loaded does not count as fast. */
class Pace {
  readonly #began = performance.now();
  readonly #from: number;

  constructor(from: number) {
    this.#from = from;
  }

  left(done: number, total: number): string {
    const seconds = (performance.now() - this.#began) / 1000;
    return formatSeconds(((total - done) * seconds) / (done - this.#from));
  }
}

class ProgressBar implements DownloadProgress {
  readonly #bar: SingleBar;
  #total = 0;
  #pace = new Pace(0);

  constructor(stream: NodeJS.WritableStream) {
    const format = "{name} [{bar}] {percentage}% | {amount} | {left}";
    this.#bar = new SingleBar({ format, stream, hideCursor: true, barsize: 30, fps: 5 });
  }

  start(name: string, total: number | undefined, done: number): void {
    this.stop();
    this.#total = total ?? 0;
    this.#pace = new Pace(done);
    this.#bar.start(this.#total, done, { name, amount: "", left: "" });
  }

  update(done: number): void {
    const known = this.#total > 0;
    const amount = known ? `${formatBytes(done)} of ${formatBytes(this.#total)}` : formatBytes(done);
    this.#bar.update(done, { amount, left: known ? `${this.#pace.left(done, this.#total)} left` : "size unknown" });
  }

  stop(): void {
    if (this.#bar.isActive) this.#bar.stop();
  }
}

class ProgressLines implements DownloadProgress {
  readonly #stream: TextStream;
  #name = "";
  #total: number | undefined;
  #pace = new Pace(0);
  #printed = 0;

  constructor(stream: TextStream) {
    this.#stream = stream;
  }

  start(name: string, total: number | undefined, done: number): void {
    this.#name = name;
    this.#total = total;
    this.#pace = new Pace(done);
    this.#printed = this.#steps(done);
    const have = done > 0 ? `, ${formatBytes(done)} of it here already` : "";
    const size = total === undefined ? "an unknown size" : formatBytes(total);
    this.#stream.write(`Downloading ${name}: ${size}${have}\n`);
  }

  update(done: number): void {
    const steps = this.#steps(done);
    if (steps <= this.#printed) return;
    this.#printed = steps;
    const total = this.#total;
    const left = total !== undefined && done < total ? `, ${this.#pace.left(done, total)} left` : "";
    const part = total === undefined ? "" : `${steps * 10}%, `;
    this.#stream.write(`${this.#name}: ${part}${formatBytes(done)}${left}\n`);
  }

  stop(): void {}

  #steps(done: number): number {
    return this.#total === undefined ? Math.floor(done / 1e7) : Math.floor((10 * done) / this.#total);
  }
}
