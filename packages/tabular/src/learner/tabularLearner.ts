import { checkOptions, OptionError } from "@layerwise/core";
import { Learner, type LearnerOptions } from "@layerwise/core/learner";
import { TabularDataLoaders } from "../loaders/tabularDataLoaders.ts";
import { getEmbSz } from "../model/embSizes.ts";
import { createTabularModel, type TabularModelOptions, tabularModelOptionNames } from "../model/tabularModel.ts";
import type { TableRow } from "../table/table.ts";

export interface TabularLearnerOptions extends LearnerOptions {
  /** Sizes of the hidden layers. @defaultValue [200, 100] */
  layers?: readonly number[];
  /** Sizes of embeddings, by column. @defaultValue fastai's rule */
  embSzs?: Readonly<Record<string, number>>;
  /** How the model is built. */
  config?: TabularModelOptions;
  /** Outputs. @defaultValue as many as the targets ask for */
  nOut?: number;
  /** Keeps the outputs of a regression within a range. */
  yRange?: readonly [low: number, high: number];
}

const OWN = ["layers", "embSzs", "config", "nOut", "yRange"];
const LEARNER = [
  ...["lossFunc", "optFunc", "lr", "splitter", "cbs", "metrics", "path", "modelDir", "wd", "wdBnBias", "trainBn"],
  ...["moms", "defaultCbs"],
];

/** Options of a `TabularModel`, checked and with their names in the editor: `tabularLearner(dls, { config: tabularConfig({ embedP: 0.04 }) })`. */
export function tabularConfig(options: TabularModelOptions): TabularModelOptions {
  checkOptions("tabularConfig", options, tabularModelOptionNames);
  return options;
}

/**
 * A learner for tables, with embeddings for the categories.
 * @throws {@link OptionError} if the data does not say how many outputs there are, or for options that do not fit
 */
export function tabularLearner<Y>(
  dls: TabularDataLoaders<Y>,
  options: TabularLearnerOptions = {},
): Learner<TableRow, Y> {
  checkOptions("tabularLearner", options, [...OWN, ...LEARNER]);
  if (!(dls instanceof TabularDataLoaders)) {
    throw new OptionError("tabularLearner", {
      given: "loaders of another kind",
      expected: "TabularDataLoaders, such as `await TabularDataLoaders.fromCsv(file, { yNames })`",
    });
  }
  const { layers = [200, 100], embSzs, config = {}, nOut = dls.c, yRange = config.yRange, ...rest } = options;
  if (!nOut) {
    throw new OptionError("tabularLearner", {
      given: "data without targets",
      expected: "`yNames`, which say how many outputs there are",
      fix: "name the targets in `yNames`, or pass `nOut` and `lossFunc`",
    });
  }
  const { to } = dls;
  const model = createTabularModel({
    ...config,
    ...(yRange && { yRange }),
    embSzs: getEmbSz(to, embSzs),
    nCont: to.contNames.length,
    outSz: nOut,
    layers,
  });
  return new Learner<TableRow, Y>(dls, model, rest);
}
