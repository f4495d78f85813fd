import { Registry } from "../registry.ts";
import type { AnyModule } from "./module.ts";

/** Builds a model from plain options, which an exported file can carry. */
export type ModelBuilder = (args: Record<string, unknown>) => AnyModule;

/** Models by name, so that a file can say how to build the model it holds the weights of. */
export const models: Registry<ModelBuilder> = new Registry<ModelBuilder>("model");

/** Builds a registered model and notes on it how to build it again. */
export function buildModel(name: string, args: Record<string, unknown> = {}): AnyModule {
  const model = models.get(name)(args);
  model.arch = { name, args };
  return model;
}
