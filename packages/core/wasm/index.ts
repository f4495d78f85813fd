export { addRows, dropout, reluGrad } from "./elementwise";
export { addColumnSums, addNormSums, addSquaredDistances, scaleShift, scaleShiftTwo } from "./norm";
export { avgPoolGrad, maxPoolGrad } from "./pool";
export { gatherRows, gatherScratch, pack, samplesScratch, sumSamples, unfold } from "./product";
