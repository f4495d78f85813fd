export {
  Flatten,
  Identity,
  Lambda,
  ModuleList,
  NamedSequential,
  PartialLambda,
  ResizeBatch,
  Sequential,
  View,
} from "./containers.ts";
export { buildModel, type ModelBuilder, models } from "./models.ts";
export { type AnyModule, type Arch, type ForwardHook, Module } from "./module.ts";
export { Buffer, DerivedWeight, Parameter, type Weight, type WeightLayout } from "./parameter.ts";
export type { LoadOptions, LoadReport, StateDict, StateEntry, StateOptions } from "./state.ts";
