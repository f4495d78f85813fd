import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "../addon.ts";
import type { KernelTable } from "../kernelTable.ts";
import { at } from "./pointers.ts";

const reluGrad = kernel("reluGrad");

export const reluGradKernels: KernelTable = {
  LayerwiseReluGrad: (backend, { dy, y }, { limit }) => {
    const dx = backend.output(dy!.shape);
    reluGrad(backend.pointer(dy!), backend.pointer(y!), at(dx), tf.util.sizeFromShape(dy!.shape), limit);
    return dx;
  },
};
