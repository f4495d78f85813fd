import { checkOptions } from "../checkOptions.ts";
import { OptionError } from "../errors.ts";
import type { OptimizerState, TensorState } from "../optim/index.ts";
import { type RngState, randomState } from "../random.ts";
import { Callback } from "./callback.ts";
import type { JsonValue } from "./dataSource.ts";
import { HostTensor } from "./hostTensor.ts";
import type { Learner } from "./learner.ts";
import { modelPath, writeModelFile } from "./modelFile.ts";
import type { RecorderState } from "./recorder.ts";

/** Where a run stands, beside its tensors. */
export interface Position {
  /** Which of the learner's fits it is, from 1: `fineTune` has two. */
  fitCount: number;
  nEpoch: number;
  epoch: number;
  /** Next batch of the training pass; 0 with no seed means that the epoch has not begun. */
  batch: number;
  passSeed: number | null;
  trainIter: number;
  pctTrain: number;
  random: RngState;
  recorder: RecorderState | null;
  callbacks: { name: string; state: JsonValue }[];
  optimizer: OptimizerState | null;
}

export interface CheckpointOptions {
  /** Name below the learner's model folder. @defaultValue "checkpoint" */
  file?: string;
  /** Also within epochs, after this many training batches. @defaultValue 0, at epoch ends only */
  everyBatches?: number;
}

/**
 * Keeps a file from which `fit({ resume })` goes on as if it had never stopped: weights, optimizer, schedule
 * position, random state, and the state of callbacks.
 */
export class CheckpointCallback extends Callback {
  static override readonly cbName: string = "checkpoint";
  override readonly order = 990;
  override readonly trainOnly = true;
  readonly file: string;
  readonly #everyBatches: number;

  constructor(options: CheckpointOptions = {}) {
    super();
    checkOptions("CheckpointCallback", options, { file: true, everyBatches: true });
    const { file = "checkpoint", everyBatches = 0 } = options;
    if (!Number.isInteger(everyBatches) || everyBatches < 0) {
      throw new OptionError("CheckpointCallback", {
        given: `everyBatches ${everyBatches}`,
        expected: "an integer of 0 or more",
      });
    }
    this.file = file;
    this.#everyBatches = everyBatches;
  }

  override async afterBatch(): Promise<void> {
    const { learn } = this;
    if (!learn.training || this.#everyBatches === 0 || learn.trainIter % this.#everyBatches !== 0) return;
    await writeCheckpoint(learn, this.file);
  }

  override async afterEpoch(): Promise<void> {
    await writeCheckpoint(this.learn, this.file, { epochDone: true });
  }
}

export interface CheckpointMoment {
  /** Whether the epoch has ended. @defaultValue false, a training batch has */
  epochDone?: boolean;
  /** In validation: the random state as the training half left it. Going on, the validation half is done again. */
  trained?: RngState;
}

/** Writes a checkpoint as of now. @returns its path */
export async function writeCheckpoint(
  learn: Learner,
  name: string,
  { epochDone = false, trained }: CheckpointMoment = {},
): Promise<string> {
  await learn.recorder?.flush();
  const path = modelPath(learn, name);
  const tensors = new Map<string, TensorState>();
  for (const [i, parameter] of (learn.opt?.allParams() ?? []).entries()) {
    const grad = learn.opt?.grads.get(parameter);
    if (grad === undefined) continue;
    const { shape, dtype, values } = await HostTensor.read(grad);
    tensors.set(`grad.${i}`, { shape: [...shape], dtype, values });
  }
  const batchesDone = trained === undefined ? learn.iter + 1 : learn.dls.train.length;
  const position: Omit<Position, "optimizer"> = {
    fitCount: learn.fitCount,
    nEpoch: learn.nEpoch,
    epoch: epochDone ? learn.epoch + 1 : learn.epoch,
    batch: epochDone ? 0 : batchesDone,
    passSeed: epochDone ? null : learn.passSeed,
    trainIter: learn.trainIter,
    pctTrain: learn.pctTrain,
    random: trained ?? randomState(),
    recorder: learn.recorder?.history() ?? null,
    callbacks: learn.cbs.flatMap((cb) => (cb.state ? [{ name: cb.name, state: cb.state() }] : [])),
  };
  await writeModelFile(path, {
    kind: "checkpoint",
    model: await learn.model.stateDict(),
    optimizer: learn.opt ? await learn.opt.stateDict() : null,
    tensors,
    extra: position as unknown as JsonValue,
  });
  return path;
}
