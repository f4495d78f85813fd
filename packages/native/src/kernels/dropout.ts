import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "../addon.ts";
import type { KernelTable } from "../kernelTable.ts";
import { at } from "./pointers.ts";

const dropout = kernel("dropout");

export const dropoutKernels: KernelTable = {
  LayerwiseDropout: (backend, { x }, { p, seed }) => {
    const y = backend.output(x!.shape);
    const limit = Math.ceil(Math.min(p, 1) * 2 ** 32); // draws below it drop their number
    const scale = p >= 1 ? 0 : 1 / (1 - p);
    const high = Math.floor(seed / 2 ** 32) | 0;
    dropout(backend.pointer(x!), at(y), tf.util.sizeFromShape(x!.shape), seed | 0, high, limit, scale);
    return y;
  },
};
