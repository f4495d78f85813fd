import { Registry } from "@layerwise/core";
import { type ParamSplitter, paramSplitters } from "@layerwise/core/learner";
import { type AnyModule, models, type Parameter, type Sequential } from "@layerwise/core/nn";
import type { Stats } from "@layerwise/data";
import type * as resnets from "./resnets.ts";
import type * as xresnets from "./xresnets.ts";

export interface BuildOptions {
  /** Channels of the pictures. @defaultValue 3 */
  nIn?: number;
  /** Classes of the full model. @defaultValue 1000 */
  nOut?: number;
}

/** Where trained weights are published. */
export interface PublishedWeights {
  url: string;
  /** First hexadecimal digits of the file's SHA-256; `null` where nobody publishes one. */
  sha256: string | null;
}

/** A model that a vision learner can be built on, and how to take it apart. */
export interface Architecture {
  /** Name in the `architectures` registry, which exported files carry. */
  readonly name: string;
  /** The full classifier. */
  build(options?: BuildOptions): AnyModule;
  /** How many children are the body; negative counts from the end; `null` cuts before the last pooling. */
  readonly cut: number | null;
  /** Parameter groups of body and head, first layers first. @defaultValue {@link defaultSplit} */
  readonly split?: (body: Sequential, head: AnyModule) => Parameter[][];
  /** What its trained weights expect pictures to be normalized by. */
  readonly stats?: Stats;
  readonly weights?: PublishedWeights;
}

type Published = typeof resnets & typeof xresnets;

/**
 * What the compiler knows about registered architectures. A package adds a line for each of its own:
 * `declare module "@layerwise/vision" { interface Architectures { "mine.tiny": Architecture } }`.
 */
export interface Architectures extends Published {}

/** The name of an architecture that the compiler was told of; for others there is `architectures.get(name)`. */
export type ArchitectureName = keyof Architectures & string;

type FullModels = { [N in keyof Architectures]: BuildOptions };
declare module "@layerwise/core/nn" {
  interface ModelArgs extends FullModels {}
}

/** Architectures by name. Third parties add theirs with {@link addArchitecture}. */
export const architectures: Registry<Architecture> = new Registry<Architecture>("architecture");

/** Registers an architecture, its full classifier as a model and its groups as a splitter of the same name. */
export function addArchitecture<A extends Architecture>(architecture: A): A {
  architectures.add(architecture.name, architecture);
  models.add(architecture.name, (args: BuildOptions) => architecture.build(args));
  paramSplitters.add(architecture.name, paramSplitterOf(architecture));
  return architecture;
}

const splitters = new WeakMap<Architecture, ParamSplitter>();

/** Parameter groups of a body of this architecture with a head: children "0" and "1" of the model. */
export function paramSplitterOf(architecture: Architecture): ParamSplitter {
  const known = splitters.get(architecture);
  if (known) return known;
  const splitter: ParamSplitter = (model) => {
    const [body, head] = model.children() as [Sequential, AnyModule];
    return (architecture.split ?? defaultSplit)(body, head);
  };
  splitters.set(architecture, splitter);
  return splitter;
}

/** Two parameter groups: the body, and the head. */
export function defaultSplit(body: AnyModule, head: AnyModule): Parameter[][] {
  return [body.parameters(), head.parameters()];
}
