import { Callback, type Learner } from "@layerwise/core/learner";

export interface TimeStepsOptions {
  /** Training passes that count. The first pass, which does not, comes on top. */
  passes: number;
}

/** Takes the time of every training pass, until the device has done all of it. */
class PassTimer extends Callback {
  override readonly order = 1000;
  readonly samples: number[] = [];
  #start = 0;

  override beforeTrain(): void {
    this.#start = performance.now();
  }

  override async afterTrain(): Promise<void> {
    await this.learn.opt?.allParams()[0]?.value.data();
    this.samples.push((performance.now() - this.#start) / this.learn.nIter);
  }
}

/** Milliseconds per training step, one number per pass over the loader, with a learner's default callbacks. */
export async function timeSteps(learn: Learner, { passes }: TimeStepsOptions): Promise<number[]> {
  const timer = new PassTimer();
  await learn.withNoBar(() => learn.fit(passes + 1, { cbs: [timer] }));
  return timer.samples.slice(1);
}
