import { kernel } from "../addon.ts";
import type { KernelTable } from "../kernelTable.ts";
import { at } from "./pointers.ts";

const forward = kernel("softmaxCrossEntropy");
const backward = kernel("softmaxCrossEntropyGrad");

export const softmaxCrossEntropyKernels: KernelTable = {
  LayerwiseSoftmaxCrossEntropy: (backend, { logits, target }) => {
    const [rows, columns] = logits!.shape as [number, number];
    const [loss, logSumExp] = [backend.output([rows]), backend.output([rows])];
    forward(backend.pointer(logits!), backend.pointer(target!), at(loss), at(logSumExp), rows, columns);
    return [loss, logSumExp];
  },
  LayerwiseSoftmaxCrossEntropyGrad: (backend, { logits, target, logSumExp, dy }) => {
    const [rows, columns] = logits!.shape as [number, number];
    const out = backend.output(logits!.shape);
    const given = [logits!, target!, logSumExp!, dy!].map((info) => backend.pointer(info));
    backward(...given, at(out), rows, columns);
    return out;
  },
};
