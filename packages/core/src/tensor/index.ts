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
export * from "./kinds.ts";
