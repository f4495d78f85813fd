export { addRows, dropout, reluGrad } from "./elementwise";
export { gatherRows, gatherScratch } from "./gather";
export { addColumnSums, addNormSums, addSquaredDistances, scaleShift, scaleShiftTwo } from "./norm";
export { pack } from "./pack";
export { avgPoolGrad, maxPoolGrad } from "./pool";
export { samplesScratch, sumSamples } from "./samples";
export { toFloat } from "./toFloat";
export { gatherUnfolded, unfold, unfoldScratch } from "./unfold";
