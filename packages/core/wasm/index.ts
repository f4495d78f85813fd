export { addRows, dropout, reluGrad } from "./elementwise";
export { addColumnSums, addNormSums, addSquaredDistances, scaleShift, scaleShiftTwo } from "./norm";
export { avgPoolGrad, maxPoolGrad } from "./pool";
export {
  gatherRows,
  gatherScratch,
  gatherUnfolded,
  pack,
  samplesScratch,
  sumSamples,
  unfold,
  unfoldScratch,
} from "./product";
