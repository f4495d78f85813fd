import { kernel } from "../addon.ts";
import type { KernelTable } from "../kernelTable.ts";
import { at, optional } from "./pointers.ts";

const layerNorm = kernel("layerNorm");
const layerNormGrad = kernel("layerNormGrad");

/** Layer normalization of the rows of `[M, D]`. */
export const layerNormKernels: KernelTable = {
  LayerwiseLayerNorm: (backend, { x, weight, bias }, { eps }) => {
    const [rows, columns] = x!.shape as [number, number];
    const [y, mean, rstd] = [backend.output(x!.shape), backend.output([rows, 1]), backend.output([rows, 1])];
    const given = [backend.pointer(x!), optional(backend, weight), optional(backend, bias)];
    layerNorm(...given, at(y), at(mean), at(rstd), rows, columns, eps);
    return [y, mean, rstd];
  },
  LayerwiseLayerNormGrad: (backend, { x, dy, mean, rstd, weight }) => {
    const [rows, columns] = x!.shape as [number, number];
    const [dx, dweight, dbias] = [backend.output(x!.shape), backend.output([columns]), backend.output([columns])];
    const given = [x!, dy!, mean!, rstd!].map((info) => backend.pointer(info));
    layerNormGrad(...given, optional(backend, weight), at(dx), at(dweight), at(dbias), rows, columns);
    return [dx, dweight, dbias];
  },
};
