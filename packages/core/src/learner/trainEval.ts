import { Callback } from "./callback.ts";

/** Keeps the learner's place in the fit (`trainIter`, `pctTrain`) and switches the model between train and eval mode. */
export class TrainEvalCallback extends Callback {
  static override readonly cbName: string = "trainEval";
  override readonly order = -10;
  override runValid = false;

  override afterCreate(): void {
    this.learn.nEpoch = 1;
  }

  override beforeFit(): void {
    const learn = this.learn;
    learn.epoch = 0;
    learn.trainIter = 0;
    learn.pctTrain = 0;
    learn.model.reset?.();
  }

  override beforeTrain(): void {
    const learn = this.learn;
    learn.pctTrain = learn.epoch / learn.nEpoch;
    learn.model.train();
    learn.training = true;
  }

  override afterBatch(): void {
    const learn = this.learn;
    learn.pctTrain += 1 / (learn.nIter * learn.nEpoch);
    learn.trainIter += 1;
  }

  override beforeValidate(): void {
    this.learn.model.eval();
    this.learn.training = false;
  }
}
