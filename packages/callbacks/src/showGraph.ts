import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { checkOptions, OptionError } from "@layerwise/core";
import { Callback, type NotebookDisplay, notebookDisplay } from "@layerwise/core/learner";
import { type Figure, lineChart } from "@layerwise/plot";
import { announce } from "./announce.ts";

export interface ShowGraphOptions {
  /** Picture below the learner's path, `.png`, `.svg` or `.html`, replaced after each epoch. @defaultValue "training.png" */
  file?: string;
}

let graphs = 0;

/** Draws training and validation loss after each epoch: into a notebook cell, or into a file to keep open beside the terminal. */
export class ShowGraphCallback extends Callback {
  static override readonly cbName: string = "showGraph";
  override readonly order = 65;
  override readonly trainOnly = true;
  override runValid = false;
  readonly file: string;
  /** The latest graph. */
  figure: Figure | null = null;
  readonly #id = `layerwise-graph-${++graphs}`;
  #display: NotebookDisplay | null = null;
  #batches = 0;
  #isAnnounced = false;

  /** @throws {@link OptionError} for a file that is no picture */
  constructor(options: ShowGraphOptions = {}) {
    super();
    checkOptions("ShowGraphCallback", options, { file: true });
    const { file = "training.png" } = options;
    if (!/\.(png|svg|html)$/i.test(file)) {
      throw new OptionError("ShowGraphCallback", { given: `file "${file}"`, expected: "a .png, .svg or .html file" });
    }
    this.file = file;
  }

  /** Where the picture is, unless a notebook shows it. */
  get path(): string {
    return resolve(this.learn.path, this.file);
  }

  override beforeFit(): void {
    this.#display = notebookDisplay();
    this.#isAnnounced = false;
    this.figure = null;
  }

  override afterTrain(): void {
    this.#batches = this.learn.nIter;
  }

  override async afterEpoch(): Promise<void> {
    this.figure = this.#draw();
    if (this.figure === null) return;
    if (this.#display) {
      this.#display(await this.figure.toHtml(), this.#id);
      return;
    }
    await mkdir(dirname(this.path), { recursive: true });
    await this.figure.save(this.path);
    if (!this.#isAnnounced) announce(this.learn, `The graph of the losses is in ${this.path}`);
    this.#isAnnounced = true;
  }

  /** As far right as training will go, as far up as the losses are. */
  #draw(): Figure | null {
    const { recorder, nEpoch } = this.learn;
    if (recorder === undefined) return null;
    const { losses, iters, values, metricNames } = recorder;
    const column = metricNames.indexOf("valid_loss") - 1;
    const valid = iters.map((x, epoch) => ({ x, y: values[epoch]?.[column] ?? Number.NaN }));
    const series = [
      { name: "train", x: losses.map((_, i) => i), y: losses },
      { name: "valid", x: valid.map(({ x }) => x), y: valid.map(({ y }) => y), points: true },
    ].filter(({ y }) => y.some(Number.isFinite));
    const highest = series.flatMap(({ y }) => y.filter(Number.isFinite)).reduce((a, b) => Math.max(a, b), 0);
    if (series.length === 0 || highest <= 0) return null;
    const end = (nEpoch - iters.length) * this.#batches + losses.length;
    return lineChart({
      series,
      xLabel: "batches",
      yLabel: "loss",
      xDomain: [0, Math.max(end, 1)],
      yDomain: [0, highest],
    });
  }
}
