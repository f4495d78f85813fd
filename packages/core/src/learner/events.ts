import { StateError } from "../errors.ts";

/** Every event of a fit. `during` in `callbackHost.ts` holds the order they fire in. */
export const EVENTS = [
  "afterCreate",
  "beforeFit",
  "beforeEpoch",
  "beforeTrain",
  "beforeBatch",
  "afterPred",
  "afterLoss",
  "beforeBackward",
  "afterCancelBackward",
  "afterBackward",
  "beforeStep",
  "afterCancelStep",
  "afterStep",
  "afterCancelBatch",
  "afterBatch",
  "afterCancelTrain",
  "afterTrain",
  "beforeValidate",
  "afterCancelValidate",
  "afterValidate",
  "afterCancelEpoch",
  "afterEpoch",
  "afterCancelFit",
  "afterFit",
] as const;

export type EventName = (typeof EVENTS)[number];

/** Fired in the constructor or within the gradient closure: handlers return nothing and may not wait. */
export type SyncEventName = "afterCreate" | "afterPred" | "afterLoss" | "beforeBackward";

/** Events of a batch, which `runTrain` and `runValid` filter. */
export const BATCH_EVENTS: ReadonlySet<EventName> = new Set<EventName>([
  "beforeBatch",
  "afterPred",
  "afterLoss",
  "beforeBackward",
  "afterCancelBackward",
  "afterBackward",
  "beforeStep",
  "afterStep",
  "afterCancelBatch",
  "afterBatch",
]);

/** Ctrl-C ended a fit between two batches. The checkpoint named in the message is complete. */
export class FitInterruptedError extends StateError {}

/** Base of the errors that callbacks throw to leave a part of the loop early; they are not failures. */
export class CancelError extends Error {
  constructor(reason = "cancelled by a callback") {
    super(reason);
    this.name = new.target.name;
  }
}

/** Skips to `afterFit`. */
export class CancelFitError extends CancelError {}
/** Skips to `afterEpoch`. */
export class CancelEpochError extends CancelError {}
/** Skips the rest of the training half of an epoch. */
export class CancelTrainError extends CancelError {}
/** Skips the rest of the validation half of an epoch. */
export class CancelValidError extends CancelError {}
/** Skips to `afterBatch`: no step, gradients are kept. */
export class CancelBatchError extends CancelError {}
/** Skips the optimizer's step; gradients are cleared. */
export class CancelStepError extends CancelError {}
/** Skips taking gradients; the step follows. */
export class CancelBackwardError extends CancelError {}

/** The parts of a fit that have a before, an after and a cancel. */
export const LEVELS = {
  fit: { before: "beforeFit", cancelled: "afterCancelFit", after: "afterFit", cancel: CancelFitError },
  epoch: { before: "beforeEpoch", cancelled: "afterCancelEpoch", after: "afterEpoch", cancel: CancelEpochError },
  train: { before: "beforeTrain", cancelled: "afterCancelTrain", after: "afterTrain", cancel: CancelTrainError },
  validate: {
    before: "beforeValidate",
    cancelled: "afterCancelValidate",
    after: "afterValidate",
    cancel: CancelValidError,
  },
  batch: { before: "beforeBatch", cancelled: "afterCancelBatch", after: "afterBatch", cancel: CancelBatchError },
  step: { before: "beforeStep", cancelled: "afterCancelStep", after: "afterStep", cancel: CancelStepError },
} as const satisfies Record<
  string,
  { before: EventName; cancelled: EventName; after: EventName; cancel: typeof CancelError }
>;

export type Level = keyof typeof LEVELS;
