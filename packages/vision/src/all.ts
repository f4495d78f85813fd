export * from "@layerwise/core";
export * from "@layerwise/data";
export * from "./index.ts";
