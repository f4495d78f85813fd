export { ArrayDataSource, ArrayDataSources, type Rows } from "./arrayDataSource.ts";
export { RegModel, type SynthOptions, synthDls, synthLearner, VerboseCallback } from "./synthLearner.ts";
