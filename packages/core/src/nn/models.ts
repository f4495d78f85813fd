import { Registry } from "../registry.ts";
import type { AnyModule } from "./module.ts";

/** Builds a model from plain options, which an exported file can carry. */
export type ModelBuilder = (args: Record<string, unknown>) => AnyModule;

/**
 * What the compiler knows about registered models: the arguments by name. A package adds a line for each of its own:
 * `declare module "@layerwise/core/nn" { interface ModelArgs { tinyWave: TinyWaveOptions } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: open for merging
export interface ModelArgs {}

/** Arguments of the model of that name; anything, where nobody told the compiler. */
export type ModelArgsOf<N extends string> = N extends keyof ModelArgs ? ModelArgs[N] : Record<string, unknown>;

/** A registry whose builders get the arguments that {@link ModelArgs} lists. */
export class ModelRegistry extends Registry<ModelBuilder> {
  override add<N extends string>(name: N | keyof ModelArgs, build: (args: ModelArgsOf<N>) => AnyModule): ModelBuilder {
    return super.add(name, build as ModelBuilder);
  }
}

/** Models by name, so that a file can say how to build the model it holds the weights of. */
export const models: ModelRegistry = new ModelRegistry("model");

/** Builds a registered model and notes on it how to build it again. */
export function buildModel<N extends string>(
  name: N | keyof ModelArgs,
  ...[args]: Record<never, never> extends ModelArgsOf<N> ? [args?: ModelArgsOf<N>] : [args: ModelArgsOf<N>]
): AnyModule {
  const plain = { ...(args as Record<string, unknown> | undefined) };
  const model = models.get(name)(plain);
  model.arch = { name, args: plain };
  return model;
}
