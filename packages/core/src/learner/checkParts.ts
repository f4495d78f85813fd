import { OptionError, StateError } from "../errors.ts";
import { type AnyModule, Module } from "../nn/index.ts";
import type { DataSource, DataSources } from "./dataSource.ts";

/** @throws {@link OptionError} unless a learner can be made of these */
export function checkParts(dls: DataSources, model: AnyModule): void {
  if (typeof dls !== "object" || dls === null || !("train" in dls)) {
    throw new OptionError("Learner", {
      given: `${dls === null ? "null" : typeof dls} as the data`,
      expected: "loaders for training and validation",
      fix: "`new Learner(dls, model)`, with `dls` from `dblock.dataloaders(source)`; it has to be awaited",
    });
  }
  if (model instanceof Module) return;
  throw new OptionError("Learner", {
    given: `${model === null ? "null" : typeof model} as the model`,
    expected: "a Module",
    fix: "`new Learner(dls, model)`; a `tf.LayersModel` goes into `new LayersModule(model)`",
  });
}

/** @throws {@link StateError} if there is nothing to train on */
export function requireBatches(train: DataSource): void {
  if (train.length !== 0) return;
  throw new StateError("Learner.fit", {
    given: `a training loader without batches, of ${train.itemCount} items`,
    expected: "at least one batch",
    fix: "look at what `getItems` and the splitter give; a loaded learner trains after `learn.dls = dls`",
  });
}
