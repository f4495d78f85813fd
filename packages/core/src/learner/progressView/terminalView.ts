import cliProgress from "cli-progress";
import { formatTime } from "../formatTime.ts";
import { PlainView } from "./plainView.ts";
import { type Cell, type PassPlace, type ProgressView, secondsLeft } from "./progressView.ts";

/** A table that grows by a row per epoch, and a bar with time passed and time left below it. */
export class TerminalView implements ProgressView {
  readonly #out: NodeJS.WriteStream;
  readonly #table: PlainView;
  #bar: cliProgress.SingleBar | null = null;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.#table = new PlainView((line) => out.write(`${line}\n`));
  }

  header(names: readonly string[]): void {
    this.#table.header(names);
  }

  row(cells: readonly Cell[]): void {
    this.endPass();
    this.#table.row(cells);
  }

  update(place: PassPlace): void {
    const left = secondsLeft(place);
    const payload = {
      label: place.label,
      time: formatTime(place.elapsed),
      left: Number.isNaN(left) ? "?" : formatTime(left),
      comment: place.comment,
    };
    if (this.#bar === null) {
      this.#bar = new cliProgress.SingleBar(
        {
          format: "{label} |{bar}| {percentage}% {value}/{total} [{time}<{left}] {comment}",
          stream: this.#out,
          clearOnComplete: true,
          hideCursor: true,
          fps: 10,
          barsize: 30,
          gracefulExit: false,
        },
        cliProgress.Presets.shades_classic,
      );
      this.#bar.start(place.total, place.done, payload);
    } else {
      this.#bar.update(place.done, payload);
    }
  }

  endPass(): void {
    this.#bar?.stop();
    this.#bar = null;
  }

  end(): void {
    this.endPass();
  }
}
