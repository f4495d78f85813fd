import { OptionError, useBackend } from "@layerwise/core";
import { type DataSources, Learner, type LearnerOptions } from "@layerwise/core/learner";
import type { AnyModule } from "@layerwise/core/nn";
import { DataLoaders, Normalize } from "@layerwise/data";
import { type Architecture, architectures } from "../models/architectures.ts";
import { pretrainedModel } from "../models/pretrained.ts";
import { createVisionModel, type VisionModel, type VisionModelOptions } from "../models/visionModel.ts";

export interface VisionLearnerOptions extends LearnerOptions, VisionModelOptions {
  /** Add the normalization that the pretrained weights expect, if the data has none. @defaultValue true */
  normalize?: boolean;
  /** Outputs. @defaultValue what the targets ask for */
  nOut?: number;
  /** Start from published weights and freeze the body. @defaultValue true */
  pretrained?: boolean;
  /** A file of weights for the full architecture, torchvision's names; `.safetensors`, or saved by PyTorch. */
  weights?: string;
}

/**
 * A learner for pictures: an architecture's body, pretrained unless you say otherwise, with a new head for your
 * targets. A pretrained body starts frozen; `fineTune` trains the head first and then everything.
 * @param arch - such as `resnet34`, or its name
 * @throws {@link OptionError} if the data does not say how many outputs there are
 */
export async function visionLearner<X, Y>(
  dls: DataSources<X, Y>,
  arch: Architecture | string,
  options: VisionLearnerOptions = {},
): Promise<Learner<X, Y>> {
  await useBackend();
  const architecture = typeof arch === "string" ? architectures.get(arch) : arch;
  const { normalize = true, nOut = dls.c, pretrained = true, weights, nIn = 3 } = options;
  const { linFtrs, ps, pool, concatPool, firstBn, bnFinal, linFirst, yRange, cut, init, customHead, ...rest } = options;
  if (!nOut) {
    throw new OptionError("visionLearner", {
      given: "data that does not say how many outputs there are",
      expected: "a category, multi-category or regression target",
      fix: "pass `nOut`",
    });
  }
  if (!pretrained && weights !== undefined) {
    throw new OptionError("visionLearner", {
      given: "`weights` together with `pretrained: false`",
      expected: "one of them",
      fix: "leave `pretrained` out to start from the weights",
    });
  }
  const full: AnyModule | undefined = pretrained ? await pretrainedModel(architecture, weights) : undefined;
  const model = createVisionModel(
    architecture,
    nOut,
    given({ nIn, linFtrs, ps, pool, concatPool, firstBn, bnFinal, linFirst, yRange, cut, init, customHead }),
    full,
  );
  if (normalize && pretrained) addNormalize(dls, architecture, nIn);
  const learn = new Learner(dls, model, {
    splitter: (m) => groups(architecture, m as VisionModel),
    ...learnerOptions(rest),
  });
  if (pretrained) learn.freeze();
  return learn;
}

function groups(architecture: Architecture, model: VisionModel): ReturnType<NonNullable<Architecture["split"]>> {
  const { body, head } = model;
  return architecture.split?.(body, head) ?? [body.parameters(), head.parameters()];
}

/** The statistics of the pretrained weights, in all loaders, unless the data is normalized already. */
function addNormalize(dls: DataSources, { stats }: Architecture, nIn: number): void {
  if (stats === undefined || stats[0].length !== nIn || !(dls instanceof DataLoaders)) return;
  if (dls.train.afterBatch.find(Normalize) !== undefined) return;
  dls.addTfms([Normalize.fromStats(...stats)], "afterBatch");
}

/** Without the options that are `undefined`. */
function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function learnerOptions({
  normalize,
  nOut,
  pretrained,
  weights,
  nIn,
  ...options
}: VisionLearnerOptions): LearnerOptions {
  return options;
}
