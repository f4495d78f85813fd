/** All architectures with a name of their own, to import: `@layerwise/vision/models`. */
export * from "./resnets.ts";
export * from "./xresnets.ts";
