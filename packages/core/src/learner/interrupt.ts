import { type RngState, randomState } from "../random.ts";
import { Callback } from "./callback.ts";
import { type CheckpointMoment, writeCheckpoint } from "./checkpoint.ts";
import { FitInterruptedError } from "./events.ts";

/**
 * On Ctrl-C, ends the fit after the running batch, leaves a checkpoint and gives the terminal back; a fit that goes on
 * from there does a validation pass that was cut short again. A second Ctrl-C ends the process at once.
 */
export class InterruptCallback extends Callback {
  static override readonly cbName: string = "interrupt";
  override readonly order = 1000;
  override readonly trainOnly = true;
  /** Name of the checkpoint, below the learner's model folder. */
  readonly file: string;
  #asked = false;
  /** The random state as the training half of the epoch left it. */
  #trained: RngState | null = null;
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

  override beforeTrain(): void {
    this.#trained = null;
  }

  override afterBatch(): void | Promise<void> {
    const { training, iter, nIter } = this.learn;
    if (training && iter === nIter - 1) this.#trained = randomState();
    if (!this.#asked) return;
    if (training) return this.#stop(`batch ${iter}`, {});
    if (this.#trained) return this.#stop("its validation", { trained: this.#trained });
  }

  override afterTrain(): void {
    this.#trained ??= randomState(); // a pass that was cut short, or had no batches left
  }

  override afterEpoch(): void | Promise<void> {
    if (this.#asked) return this.#stop("its end", { epochDone: true });
  }

  async #stop(moment: string, at: CheckpointMoment): Promise<never> {
    const path = await writeCheckpoint(this.learn, this.file, at);
    throw new FitInterruptedError("Learner.fit", {
      given: `Ctrl-C in epoch ${this.learn.epoch}, ${moment}`,
      expected: "training to its end",
      fix: `call the same fit with { resume: "${this.file}" } to go on from ${path}`,
    });
  }

  #ask(): void {
    this.#asked = true;
    console.error("\nCtrl-C: saving a checkpoint after this batch; once more to quit at once.");
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
