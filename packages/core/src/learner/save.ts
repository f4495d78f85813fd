import { checkOptions } from "../checkOptions.ts";
import type { Learner } from "./learner.ts";
import { modelPath, readModelFile, writeModelFile } from "./modelFile.ts";

export interface SaveModelOptions {
  /** Also the optimizer's state, if there is an optimizer. @defaultValue true */
  withOpt?: boolean;
}

export interface LoadModelOptions {
  /** Also the optimizer's state, if the file has one. @defaultValue true */
  withOpt?: boolean;
  /** Names in file and model must be the same. @defaultValue true */
  strict?: boolean;
}

/** Weights, and the optimizer's state, to `path/modelDir/name.safetensors`. */
export async function saveWeights(learn: Learner, name: string, options: SaveModelOptions = {}): Promise<string> {
  checkOptions("Learner.save", options, { withOpt: true });
  const { withOpt = true } = options;
  const path = modelPath(learn, name);
  const optimizer = withOpt && learn.opt ? await learn.opt.stateDict() : null;
  await writeModelFile(path, { kind: "weights", model: await learn.model.stateDict(), optimizer });
  return path;
}

/** What `saveWeights` or a checkpoint wrote. An optimizer state that does not fit is left out, with a warning. */
export async function loadWeights(learn: Learner, name: string, options: LoadModelOptions = {}): Promise<void> {
  checkOptions("Learner.load", options, { withOpt: true, strict: true });
  const { withOpt = true, strict = true } = options;
  const { model, optimizer } = await readModelFile(modelPath(learn, name), ["weights", "checkpoint"]);
  learn.model.loadStateDict(model, { strict });
  if (!withOpt || optimizer === null) return;
  try {
    await (learn.opt ?? learn.createOpt()).loadStateDict(optimizer);
  } catch (error) {
    console.warn(
      `The weights are loaded, the optimizer's state is not: ${error instanceof Error ? error.message : error}`,
    );
  }
}
