import { Callback } from "./callback.ts";
import { type Logger, noLogging } from "./logger.ts";
import { makeView } from "./progressView/makeView.ts";
import type { ProgressView } from "./progressView/progressView.ts";

/** Milliseconds between two drawings of the bar; the loss is read as rarely. */
const REFRESH = 200;

/** Batches of each pass after which the bar is drawn in any case. */
const ALWAYS = 5;

/** Draws a bar per pass and a row per epoch: on a terminal, in a notebook, or as plain lines. */
export class ProgressCallback extends Callback {
  static override readonly cbName: string = "progress";
  override readonly order = 60;
  readonly #makeView: () => ProgressView;
  #view: ProgressView | null = null;
  #started = 0;
  #drawn = 0;
  #previous: Logger | null = null;

  /** @param view - where to draw. @defaultValue notebook, terminal or plain lines, whichever there is */
  constructor(view: () => ProgressView = makeView) {
    super();
    this.#makeView = view;
  }

  override beforeFit(): void {
    const { learn } = this;
    const { recorder } = learn;
    if (!learn.createMbar || recorder === undefined || learn.logger === noLogging) return;
    const view = this.#makeView();
    this.#view = view;
    view.header(recorder.metricNames);
    const previous = learn.logger;
    this.#previous = previous;
    learn.logger = (row) => view.row(row);
  }

  override beforeTrain(): void {
    this.#begin();
  }

  override beforeValidate(): void {
    this.#begin();
  }

  #begin(): void {
    this.#started = performance.now();
    this.#drawn = 0;
  }

  override afterBatch(): void | Promise<void> {
    const now = performance.now();
    if (this.#view === null || (now - this.#drawn < REFRESH && this.learn.iter >= ALWAYS)) return;
    this.#drawn = now;
    return this.#draw(this.#view);
  }

  async #draw(view: ProgressView): Promise<void> {
    const { learn } = this;
    const { training, recorder } = learn;
    if (training) await recorder?.flush();
    view.update({
      label: `epoch ${learn.epoch + 1}/${learn.nEpoch} ${training ? "train" : "valid"}`,
      done: learn.iter + 1,
      total: learn.nIter,
      elapsed: (performance.now() - this.#started) / 1000,
      comment: training && recorder ? `loss ${recorder.smoothLoss.toFixed(4)}` : "",
    });
  }

  override afterTrain(): void {
    this.#view?.endPass();
  }

  override afterValidate(): void {
    this.#view?.endPass();
  }

  override afterFit(): void {
    if (this.#previous) this.learn.logger = this.#previous;
    this.cleanUp();
  }

  override cleanUp(): void {
    this.#view?.end();
    this.#view = null;
    this.#previous = null;
  }
}
