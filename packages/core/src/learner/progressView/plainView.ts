import { type Cell, formatCell, type ProgressView } from "./progressView.ts";

/** One line per epoch, no escape codes: for log files and pipes. */
export class PlainView implements ProgressView {
  #names: readonly string[] = [];
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  header(names: readonly string[]): void {
    this.#names = names;
    this.#write(line(names, names));
  }

  row(cells: readonly Cell[]): void {
    const texts = cells.map((cell, i) => formatCell(cell, this.#names[i] ?? ""));
    this.#write(line(texts, this.#names));
  }

  update(): void {}
  endPass(): void {}
  end(): void {}
}

/** Columns as wide as their name, at least 10, two spaces apart. */
export function line(texts: readonly string[], names: readonly string[]): string {
  return texts
    .map((text, i) => text.padEnd(Math.max(10, names[i]?.length ?? 0)))
    .join("  ")
    .trimEnd();
}
