export * from "@layerwise/tabular/all";
export * from "./index.ts";
