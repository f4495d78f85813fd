import { access } from "node:fs/promises";
import * as tf from "@tensorflow/tfjs-core";
import { FileFormatError, fmtShape } from "../errors.ts";
import type { Parameter } from "../nn/index.ts";
import type { TensorState } from "../optim/index.ts";
import { setRandomState } from "../random.ts";
import { Callback } from "./callback.ts";
import type { Learner } from "./learner.ts";
import type { FitOptions } from "./learnerOptions.ts";
import { type FileContents, modelPath, readModelFile } from "./modelFile.ts";
import { readPosition, type SavedPosition } from "./position.ts";
import { SkipToEpoch } from "./skipToEpoch.ts";

/** What a fit needs before it begins: callbacks that skip or restore, or the word that it is done already. */
export interface PreparedFit {
  done: boolean;
  cbs: Callback[];
}

/** Counts the fit, and reads the checkpoint it is to go on from. */
export async function prepareFit(learn: Learner, { resume, startEpoch = 0 }: FitOptions): Promise<PreparedFit> {
  learn.fitCount += 1;
  const cbs: Callback[] = startEpoch > 0 ? [new SkipToEpoch(startEpoch)] : [];
  if (resume === undefined) return { done: false, cbs };
  const path = modelPath(learn, resume);
  if (!(await exists(path))) return { done: false, cbs };
  const file = await readModelFile(path, ["checkpoint"]);
  const position = readPosition(path, file.extra);
  if (position.fitCount > learn.fitCount) return { done: true, cbs: [] };
  if (position.fitCount < learn.fitCount) return { done: false, cbs };
  return { done: false, cbs: [...cbs, new ResumeCallback(file, position)] };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** Puts everything back where the checkpoint has it, after all other callbacks have begun. */
class ResumeCallback extends Callback {
  static override readonly cbName: string = "resume";
  override readonly order = 2000;
  readonly #file: FileContents;
  readonly #position: SavedPosition;
  #pending = true;

  constructor(file: FileContents, position: SavedPosition) {
    super();
    this.#file = file;
    this.#position = position;
  }

  override async beforeFit(): Promise<void> {
    const { learn } = this;
    const { epoch, nEpoch, trainIter, pctTrain, recorder, callbacks, random } = this.#position;
    if (nEpoch !== learn.nEpoch) {
      throw new FileFormatError("Learner.fit", {
        given: `a checkpoint of a fit over ${nEpoch} epochs`,
        expected: `${learn.nEpoch} epochs, as this call says`,
        fix: "call the fit with the same arguments as the one that was stopped",
      });
    }
    learn.model.loadStateDict(this.#file.model);
    if (this.#file.optimizer && learn.opt) await learn.opt.loadStateDict(this.#file.optimizer);
    learn.opt?.accumulate(this.#grads());
    Object.assign(learn, { epoch, trainIter, pctTrain });
    if (recorder && learn.recorder) learn.recorder.setHistory(recorder);
    const waiting = learn.cbs.filter((cb) => cb.setState !== undefined);
    for (const { name, state } of callbacks) {
      const at = waiting.findIndex((cb) => cb.name === name);
      if (at >= 0) waiting.splice(at, 1)[0]?.setState?.(state); // of several with one name, each gets its own
    }
    setRandomState(random);
  }

  override beforeTrain(): void {
    if (!this.#pending) return;
    this.#pending = false;
    const { passSeed, batch, pctTrain, random } = this.#position;
    this.learn.pctTrain = passSeed === null ? this.learn.pctTrain : pctTrain;
    if (passSeed !== null) this.learn.passStart = { seed: passSeed, startBatch: batch };
    setRandomState(random);
  }

  #grads(): Map<Parameter, tf.Tensor> {
    const grads = new Map<Parameter, tf.Tensor>();
    for (const [i, parameter] of (this.learn.opt?.allParams() ?? []).entries()) {
      const saved = this.#file.tensors?.get(`grad.${i}`) as TensorState | undefined;
      if (saved === undefined) continue;
      if (!tf.util.arraysEqual(saved.shape, parameter.shape)) {
        throw new FileFormatError("Learner.fit", {
          given: `a checkpoint with a gradient ${fmtShape(saved.shape)} for parameter ${i}`,
          expected: `the parameter's shape ${fmtShape(parameter.shape)}`,
        });
      }
      grads.set(parameter, tf.tensor(saved.values.slice(), saved.shape, "float32"));
    }
    return grads;
  }
}
