export {
  type AllcloseMatchers,
  type AllcloseResult,
  allclose,
  allcloseMatchers,
  assertAllclose,
  type Numbers,
  type Tolerance,
} from "./allclose.ts";
export { ArrayDataSource, ArrayDataSources, type Rows } from "./arrayDataSource.ts";
export { showInstall } from "./showInstall.ts";
export { RegModel, type SynthOptions, synthDls, synthLearner, VerboseCallback } from "./synthLearner.ts";
