import { BatchNormBase } from "./batchNorm.ts";
import type { AnyModule } from "./module.ts";
import { InstanceNorm2d, LayerNorm } from "./norm.ts";
import { Parameter } from "./parameter.ts";

/** Batch, instance and layer norm: the layers that train in frozen groups too, and never decay. */
export function isNormLayer(module: AnyModule): boolean {
  return module instanceof BatchNormBase || module instanceof InstanceNorm2d || module instanceof LayerNorm;
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
