import {
  type AnyModule,
  type Arch,
  applyInit,
  buildModel,
  type InitFunc,
  kaimingNormal,
  models,
  nnDefaults,
  numFeaturesModel,
  ReLU,
  Sequential,
  skipInit,
} from "@layerwise/core/nn";
import { type Architecture, architectures } from "./architectures.ts";
import { type Cut, createBody } from "./body.ts";
import { createHead, type HeadOptions } from "./head.ts";

export interface AddHeadOptions extends HeadOptions {
  /** Draws the head's weights. @defaultValue kaimingNormal */
  init?: InitFunc | undefined;
}

export interface VisionModelOptions extends AddHeadOptions {
  /** Channels of the pictures. @defaultValue 3 */
  nIn?: number;
  /** Where to cut the architecture. @defaultValue the architecture's own */
  cut?: Cut;
  /** Replaces the head. Exported files can hold it if it was built by name, `buildModel("myHead", args)`. */
  customHead?: AnyModule;
}

/** An architecture's body with a new head: children "0" and "1". */
export class VisionModel extends Sequential {
  get body(): Sequential {
    return this.at(0) as Sequential;
  }

  get head(): AnyModule {
    return this.at(1);
  }
}

/**
 * A body with a new head, whose weights are drawn.
 * @param nf - channels that come out of the body
 */
export function addHead(
  body: Sequential,
  nf: number,
  nOut: number,
  { init = kaimingNormal, ...options }: AddHeadOptions = {},
): VisionModel {
  const head = createHead(nf, nOut, options);
  applyInit(head, init);
  return new VisionModel(body, head);
}

/**
 * Body and head with fresh weights.
 * @param full - a trained classifier to take the body from; what is not used of it is freed
 */
export function createVisionModel(
  arch: Architecture,
  nOut: number,
  options: VisionModelOptions = {},
  full?: AnyModule,
): VisionModel {
  const { nIn = 3, cut = arch.cut, init, customHead, ...head } = options;
  const classifier = full ?? arch.build();
  try {
    const body = createBody(classifier, { nIn, cut, pretrained: full !== undefined });
    const model =
      customHead === undefined
        ? addHead(body, numFeaturesModel(body), nOut, { init, ...head })
        : new VisionModel(body, customHead);
    return noteArch(model, { arch: arch.name, nOut, nIn, cut, ...head, customHead });
  } catch (error) {
    classifier.dispose();
    throw error;
  }
}

/** Notes how to build the model again; a function, or a module without a name, cannot be written to a file. */
function noteArch(
  model: VisionModel,
  {
    cut,
    customHead,
    ...args
  }: Omit<VisionModelArgs, "cut" | "customHead"> & { cut: Cut; customHead?: AnyModule | undefined },
): VisionModel {
  if (typeof cut === "function") {
    model.archHint = "give `cut` as a number of children to keep instead of a function";
  } else if (customHead !== undefined && customHead.arch === undefined) {
    model.archHint =
      'register the head, `models.add("myHead", build)`, and pass `customHead: buildModel("myHead", args)`';
  } else if (hasOtherDefault(model.body)) {
    model.archHint =
      "files do not say what `defaults.activation` was: give your activation to an architecture of your own, by `addArchitecture`";
  } else {
    const head = customHead?.arch && { customHead: customHead.arch };
    model.arch = { name: "visionModel", args: { ...args, cut, ...head } };
  }
  return model;
}

/** Whether the body has another activation than it would have where a file is loaded. */
function hasOtherDefault(body: AnyModule): boolean {
  const { activation } = nnDefaults;
  return activation !== ReLU && body.modules().some((layer) => layer.constructor === activation);
}

/** A vision model as files name it. */
export interface VisionModelArgs extends Omit<VisionModelOptions, "cut" | "init" | "customHead"> {
  arch: string;
  nOut: number;
  cut?: number | null;
  customHead?: Arch;
}

declare module "@layerwise/core/nn" {
  interface ModelArgs {
    visionModel: VisionModelArgs;
  }
}

models.add("visionModel", ({ arch, nOut, customHead, ...options }) => {
  const head = customHead && { customHead: buildModel(customHead.name, customHead.args) };
  return skipInit(() => createVisionModel(architectures.get(arch), nOut, { ...options, ...head }));
});
