import { OptionError, useBackend } from "@layerwise/core";
import { type DataSources, Learner, type LearnerOptions } from "@layerwise/core/learner";
import { TensorImageBW } from "@layerwise/core/tensor";
import { DataLoaders, Normalize } from "@layerwise/data";
import { type Architecture, type ArchitectureName, architectures, paramSplitterOf } from "../models/architectures.ts";
import { pretrainedModel } from "../models/pretrained.ts";
import { createVisionModel, type VisionModelOptions } from "../models/visionModel.ts";
import { checkLearnerOptions, type VisionLearnerOptions } from "./visionLearnerOptions.ts";

/**
 * A learner for pictures: an architecture's body, pretrained unless you say otherwise, with a new head for your
 * targets. A pretrained body starts frozen; `fineTune` trains the head first and then everything.
 * @param arch - such as `resnet34`, or its name; `architectures.get(name)` for a name that the compiler does not know
 * @throws {@link OptionError} if the data does not say how many outputs there are, or for options that do not fit
 * @throws {@link DataError} if the pretrained weights can neither be found nor downloaded
 */
export async function visionLearner<X, Y>(
  dls: DataSources<X, Y>,
  arch: Architecture | ArchitectureName,
  options: VisionLearnerOptions = {},
): Promise<Learner<X, Y>> {
  checkLearnerOptions(options);
  await useBackend();
  const architecture = architectureOf(arch);
  const { normalize = true, nOut = dls.c, pretrained = true, weights, nIn = channelsOf(dls), ...rest } = options;
  const { linFtrs, ps, pool, concatPool, firstBn, bnFinal, linFirst, yRange, cut, init, customHead, ...others } = rest;
  const learnerOptions: LearnerOptions = others;
  if (!nOut) {
    throw new OptionError("visionLearner", {
      given: "data that does not say how many outputs there are",
      expected: "a category, multi-category or regression target",
      fix: "pass `nOut`",
    });
  }
  const full = pretrained ? await pretrainedModel(architecture, weights) : undefined;
  const modelOptions: { [K in keyof VisionModelOptions]: VisionModelOptions[K] | undefined } = {
    ...{ nIn, linFtrs, ps, pool, concatPool, firstBn, bnFinal, linFirst, yRange, cut, init, customHead },
  };
  const model = createVisionModel(architecture, nOut, given(modelOptions), full);
  try {
    if (normalize && pretrained) await addNormalize(dls, architecture, nIn);
    const learn = new Learner(dls, model, {
      splitter: paramSplitterOf(architecture),
      ...learnerOptions,
    });
    if (pretrained) learn.freeze();
    return learn;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function architectureOf(arch: Architecture | ArchitectureName): Architecture {
  if (typeof arch === "string") return architectures.get(arch);
  if (typeof arch?.build === "function") return arch;
  throw new OptionError("visionLearner", {
    given: `${arch === undefined ? "undefined" : typeof arch} as the architecture`,
    expected: "an architecture such as `resnet34`, or its name",
  });
}

/** Channels of the pictures, as far as the data says. */
function channelsOf(dls: DataSources): number {
  const kind = dls instanceof DataLoaders ? dls.train.kinds?.[0]?.kind : undefined;
  return kind === TensorImageBW || kind?.prototype instanceof TensorImageBW ? 1 : 3;
}

/** The statistics of the pretrained weights, in all loaders, unless the data is normalized already. */
async function addNormalize(dls: DataSources, { stats }: Architecture, nIn: number): Promise<void> {
  if (stats === undefined || stats[0].length !== nIn || !(dls instanceof DataLoaders)) return;
  if (dls.train.afterBatch.find(Normalize) !== undefined) return;
  await dls.addTfms([Normalize.fromStats(...stats)], "afterBatch");
}

/** Without the options that are `undefined`. */
function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
