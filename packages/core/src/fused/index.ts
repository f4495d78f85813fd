export { type BatchNormResult, batchNormTrain } from "./batchNorm.ts";
export { dropout } from "./dropout.ts";
export { embedding } from "./embedding.ts";
export { type FusedInputs, type FusedOp, type FusedSeen, runFused } from "./fusedOp.ts";
export { type GruResult, gru } from "./gru.ts";
export { layerNorm } from "./layerNorm.ts";
export { type LstmResult, lstm } from "./lstm.ts";
export { softmaxCrossEntropy } from "./softmaxCrossEntropy.ts";
