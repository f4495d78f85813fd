import type { Tensor } from "@tensorflow/tfjs-core";
import { type AnyModule, Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Stands for a parameter that a module with children owns itself, where a list of layers is wanted. */
export class ParameterModule extends Module {
  val: Parameter;

  constructor(val: Parameter) {
    super();
    this.val = val;
  }

  override forward(x: Tensor): Tensor {
    return x;
  }
}

export function hasChildren(module: AnyModule): boolean {
  return module.namedChildren().length > 0;
}

/** A module's children, then its own parameters, each as a module. */
export function childrenAndParameters(module: AnyModule): AnyModule[] {
  const own = module.ownEntries().flatMap(([, entry]) => (entry instanceof Parameter ? [entry] : []));
  const below = new Set(module.children().flatMap((child) => child.parameters()));
  const lone = own.filter((parameter) => !below.has(parameter));
  return [...module.children(), ...lone.map((parameter) => new ParameterModule(parameter))];
}

/** The layers at the bottom of a model, in order of definition. */
export function flattenModel(module: AnyModule): AnyModule[] {
  return hasChildren(module) ? childrenAndParameters(module).flatMap(flattenModel) : [module];
}
