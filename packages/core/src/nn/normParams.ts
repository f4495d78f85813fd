import { BatchNormBase } from "./batchNorm.ts";
import { LayersNormWeights } from "./layersModule.ts";
import type { AnyModule } from "./module.ts";
import { GroupNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, LayerNorm } from "./norm.ts";
import { Parameter } from "./parameter.ts";

type NormClass = abstract new (...args: never[]) => AnyModule;

/** Norm layers: they train in frozen groups too, and never decay. Push your own class to have it treated so. */
export const normTypes: NormClass[] = [
  BatchNormBase,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  LayerNorm,
  GroupNorm,
  LayersNormWeights,
];

export function isNormLayer(module: AnyModule): boolean {
  return normTypes.some((type) => module instanceof type);
}

/** All parameters of norm layers, and with `withBias` every parameter named `bias`. */
export function normBiasParams(model: AnyModule, withBias = true): Parameter[] {
  const found = new Set<Parameter>();
  for (const module of model.modules()) {
    if (isNormLayer(module)) for (const parameter of module.parameters()) found.add(parameter);
    const { bias } = module as { bias?: unknown };
    if (withBias && bias instanceof Parameter) found.add(bias);
  }
  return [...found];
}

/** Parameters that an optimizer may change. */
export function trainableParams(model: AnyModule): Parameter[] {
  return model.parameters().filter((parameter) => parameter.requiresGrad);
}
