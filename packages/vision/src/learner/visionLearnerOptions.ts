import { checkOptions, checkWhole, OptionError } from "@layerwise/core";
import type { LearnerOptions } from "@layerwise/core/learner";
import { HEAD } from "../models/head.ts";
import type { VisionModelOptions } from "../models/visionModel.ts";

export interface VisionLearnerOptions extends LearnerOptions, Omit<VisionModelOptions, "nIn"> {
  /** Channels of the pictures. @defaultValue what the data has: 1 for gray pictures, else 3 */
  nIn?: number;
  /** Add the normalization that the pretrained weights expect, if the data has none. @defaultValue true */
  normalize?: boolean;
  /** Outputs. @defaultValue what the targets ask for */
  nOut?: number;
  /** Start from published weights and freeze the body. @defaultValue true */
  pretrained?: boolean;
  /** A file of weights for the full architecture, torchvision's names; `.safetensors`, or saved by PyTorch. */
  weights?: string;
}

// As objects, so that the compiler finds a name that is missing.
const known: Record<keyof VisionLearnerOptions, true> = {
  ...HEAD,
  ...{ lossFunc: true, optFunc: true, lr: true, splitter: true, cbs: true, metrics: true, path: true, modelDir: true },
  ...{ wd: true, wdBnBias: true, trainBn: true, moms: true, defaultCbs: true },
  ...{ normalize: true, nOut: true, pretrained: true, weights: true, nIn: true, cut: true, init: true },
  customHead: true,
};

/**
 * Refuses options that nobody reads, alone or together with others.
 * @throws {@link OptionError}
 */
export function checkLearnerOptions(options: VisionLearnerOptions): void {
  const where = "visionLearner";
  checkOptions(where, options, Object.keys(known));
  const { nOut, nIn, pretrained = true, weights, customHead } = options;
  if (nOut !== undefined) checkWhole(where, "nOut", nOut, 1);
  if (nIn !== undefined) checkWhole(where, "nIn", nIn, 1);
  if (!pretrained && weights !== undefined) {
    throw new OptionError(where, {
      given: "`weights` together with `pretrained: false`",
      expected: "one of them",
      fix: "leave `pretrained` out to start from the weights",
    });
  }
  if (customHead === undefined) return;
  const unread = [...Object.keys(HEAD), "init"].filter((name) => options[name as "ps" | "init"] !== undefined);
  if (unread.length === 0) return;
  throw new OptionError(where, {
    given: `\`customHead\` together with ${unread.map((name) => `\`${name}\``).join(", ")}`,
    expected: "a head of your own, or options of the usual one",
    fix: "build your head as you want it, and leave the options out",
  });
}
