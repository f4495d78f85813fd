export {
  type BatchNormResult,
  batchNormTrain,
  dropout,
  embedding,
  type FusedInputs,
  type FusedOp,
  type FusedSeen,
  type GruResult,
  gru,
  type LstmResult,
  layerNorm,
  lstm,
  runFused,
  softmaxCrossEntropy,
} from "../fused/index.ts";
export { Chunks, type Sliceable } from "./chunks.ts";
export { einsum } from "./einsum.ts";
export * from "./kinds.ts";
export {
  batchToSamples,
  findBs,
  itemFind,
  mapNested,
  type Nested,
  nestedReorder,
  toArray,
  toConcat,
} from "./nested.ts";
export { flattenCheck, interp1d, logit } from "./numeric.ts";
export { oneHot, oneHotDecode } from "./oneHot.ts";
export { pca } from "./pca.ts";
export { stackRows } from "./stackRows.ts";
