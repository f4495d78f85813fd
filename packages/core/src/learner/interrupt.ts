import { Callback } from "./callback.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { FitInterruptedError } from "./events.ts";

/**
 * On Ctrl-C, ends the fit after the running batch (in validation: after the epoch), leaves a checkpoint and gives the
 * terminal back. A second Ctrl-C ends the process at once.
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
    if (typeof process === "undefined" || typeof process.on !== "function") return;
    this.#listener = () => (this.#asked ? this.#quit() : this.#ask());
    process.on("SIGINT", this.#listener);
  }

  override async afterBatch(): Promise<void> {
    if (this.#asked && this.learn.training) await this.#stop(`batch ${this.learn.iter}`, false);
  }

  override async afterEpoch(): Promise<void> {
    if (this.#asked) await this.#stop("its validation", true);
  }

  async #stop(moment: string, epochDone: boolean): Promise<never> {
    const path = await writeCheckpoint(this.learn, this.file, { epochDone });
    throw new FitInterruptedError("Learner.fit", {
      given: `Ctrl-C in epoch ${this.learn.epoch}, ${moment}`,
      expected: "training to its end",
      fix: `call the same fit with { resume: "${this.file}" } to go on from ${path}`,
    });
  }

  #ask(): void {
    this.#asked = true;
    const moment = this.learn.training ? "this batch" : "this validation pass";
    console.error(`\nCtrl-C: saving a checkpoint after ${moment}; once more to quit at once.`);
  }

  /** Lets all callbacks give back what they took, such as the cursor, and the signal do what it does without us. */
  #quit(): void {
    for (const cb of this.learn.cbs) cb.cleanUp?.();
    if (process.listenerCount("SIGINT") === 0) process.kill(process.pid, "SIGINT");
  }

  override cleanUp(): void {
    if (this.#listener) process.off("SIGINT", this.#listener);
    this.#listener = null;
    this.#asked = false;
  }
}
