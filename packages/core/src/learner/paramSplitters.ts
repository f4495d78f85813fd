import { trainableParams } from "../nn/index.ts";
import { Registry } from "../registry.ts";
import type { ParamSplitter } from "./learnerOptions.ts";

/**
 * Ways to split a model's parameters into groups, by name, for exported learners. Add your own:
 * `paramSplitters.add("mine", mySplitter)`.
 */
export const paramSplitters: Registry<ParamSplitter> = new Registry<ParamSplitter>("parameter splitter");

/** One group of all parameters: what a learner does unless it is told otherwise. */
export const oneGroup: ParamSplitter = (model) => [model.parameters()];

paramSplitters.add("oneGroup", oneGroup);
paramSplitters.add("trainableParams", (model) => [trainableParams(model)]);

/** The name that a splitter was registered by, `undefined` if it was not. */
export function splitterName(splitter: ParamSplitter): string | undefined {
  return paramSplitters.names().find((name) => paramSplitters.get(name) === splitter);
}
