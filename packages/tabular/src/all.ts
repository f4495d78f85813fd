export * from "@layerwise/callbacks";
export * from "@layerwise/core";
export * from "@layerwise/core/learner";
export * from "@layerwise/core/losses";
export * from "@layerwise/core/metrics";
export * from "@layerwise/core/nn";
export * from "@layerwise/core/optim";
export * from "@layerwise/core/tensor";
export * from "@layerwise/data";
export * from "./index.ts";
export { Normalize } from "./procs/normalize.ts"; // for tables; `@layerwise/data` has the one for batches
