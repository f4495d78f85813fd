import { Callback } from "./callback.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { FitInterruptedError } from "./events.ts";

/**
 * On Ctrl-C, ends the fit after the running batch, leaves a checkpoint and gives the terminal back.
 * A second Ctrl-C ends the process at once.
 */
export class InterruptCallback extends Callback {
  override readonly order = 1000;
  override readonly trainOnly = true;
  /** Name of the checkpoint, below the learner's model folder. */
  readonly file: string;
  #asked = false;
  #listener: (() => void) | null = null;

  constructor(file = "interrupted") {
    super();
    this.file = file;
  }

  override beforeFit(): void {
    if (typeof process === "undefined" || typeof process.once !== "function") return;
    this.#asked = false;
    this.#listener = () => {
      this.#asked = true;
      console.error("\nCtrl-C: saving a checkpoint after this batch; once more to quit at once.");
    };
    process.once("SIGINT", this.#listener);
  }

  override async afterBatch(): Promise<void> {
    if (!this.#asked || !this.learn.training) return;
    this.#asked = false;
    const path = await writeCheckpoint(this.learn, this.file);
    throw new FitInterruptedError("Learner.fit", {
      given: `Ctrl-C in epoch ${this.learn.epoch}, batch ${this.learn.iter}`,
      expected: "training to its end",
      fix: `call the same fit with { resume: "${this.file}" } to go on from ${path}`,
    });
  }

  override cleanUp(): void {
    if (this.#listener) process.off("SIGINT", this.#listener);
    this.#listener = null;
  }
}
