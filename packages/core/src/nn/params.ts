import { type InitFunc, initDefault, kaimingNormal } from "./init.ts";
import type { AnyModule } from "./module.ts";
import { isNormLayer } from "./normParams.ts";
import type { Parameter } from "./parameter.ts";

export interface TotalParams {
  /** How many numbers the module holds. */
  count: number;
  /** Whether its first parameter is trained; false if it has none. */
  trainable: boolean;
}

export function totalParams(module: AnyModule): TotalParams {
  const parameters = module.parameters();
  const count = parameters.reduce((sum, { size }) => sum + size, 0);
  return { count, trainable: oneParam(module)?.requiresGrad ?? false };
}

export function hasParams(module: AnyModule): boolean {
  return module.parameters().length > 0;
}

/** All parameters of a module, or of several. */
export function params(modules: AnyModule | readonly AnyModule[]): Parameter[] {
  const each = Array.isArray(modules) ? (modules as readonly AnyModule[]) : [modules as AnyModule];
  return [...new Set(each.flatMap((module) => module.parameters()))];
}

/** The first parameter of a module; undefined if it has none. */
export function oneParam(module: AnyModule): Parameter | undefined {
  return module.parameters()[0];
}

/** Channels that the model takes: those of its first weight that belongs to a convolution; null if there is none. */
export function inChannels(module: AnyModule): number | null {
  for (const { layout, shape } of module.parameters()) {
    if (layout === "conv2d" && shape.length === 4 && shape[0]! * shape[1]! * shape[2]! > 1) return shape[2]!;
    if (layout === "convTranspose2d") return shape[3]!;
  }
  return null;
}

/** Draws the weights of one layer unless it is a norm layer. */
export function condInit(module: AnyModule, func: InitFunc = kaimingNormal): void {
  if (!isNormLayer(module)) initDefault(module, func);
}

/** Calls `fn` on every module that has no children. */
export function applyLeaf(module: AnyModule, fn: (leaf: AnyModule) => void): void {
  const children = module.children();
  if (children.length === 0) fn(module);
  for (const child of children) applyLeaf(child, fn);
}

/** Draws the weights of all layers anew, but those of norm layers and of layers that are frozen; biases become 0. */
export function applyInit(module: AnyModule, func: InitFunc = kaimingNormal): void {
  applyLeaf(module, (leaf) => {
    const first = oneParam(leaf);
    if (first === undefined || first.requiresGrad) condInit(leaf, func);
  });
}
