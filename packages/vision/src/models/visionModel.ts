import {
  type AnyModule,
  applyInit,
  type InitFunc,
  kaimingNormal,
  models,
  numFeaturesModel,
  Sequential,
  skipInit,
} from "@layerwise/core/nn";
import { type Architecture, architectures } from "./architectures.ts";
import { type Cut, createBody } from "./body.ts";
import { createHead, type HeadOptions } from "./head.ts";

export interface VisionModelOptions extends HeadOptions {
  /** Channels of the pictures. @defaultValue 3 */
  nIn?: number;
  /** Where to cut the architecture. @defaultValue the architecture's own */
  cut?: Cut;
  /** Draws the head's weights. @defaultValue kaimingNormal */
  init?: InitFunc;
  /** Replaces the head. */
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

/** Body and head with fresh weights. @param full - a trained classifier to take the body from */
export function createVisionModel(
  arch: Architecture,
  nOut: number,
  options: VisionModelOptions = {},
  full?: AnyModule,
): VisionModel {
  const { nIn = 3, cut = arch.cut, init = kaimingNormal, customHead, ...head } = options;
  const body = createBody(full ?? arch.build(), { nIn, cut, pretrained: full !== undefined });
  const model = new VisionModel(body, customHead ?? createHead(numFeaturesModel(body), nOut, head));
  if (customHead === undefined) applyInit(model.head, init);
  // A function or a module cannot be written to a file: such models are saved, but not exported.
  if (customHead === undefined && (cut === null || typeof cut === "number")) {
    model.arch = { name: "visionModel", args: { arch: arch.name, nOut, nIn, cut, ...head } };
  }
  return model;
}

models.add("visionModel", (args) => {
  const { arch, nOut, ...options } = args as unknown as { arch: string; nOut: number } & VisionModelOptions;
  return skipInit(() => createVisionModel(architectures.get(arch), nOut, options));
});
