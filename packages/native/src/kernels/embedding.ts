import { kernel } from "../addon.ts";
import type { KernelTable } from "../kernelTable.ts";
import { at } from "./pointers.ts";

const embedding = kernel("embedding");
const embeddingGrad = kernel("embeddingGrad");

/** Rows of `[V, D]` by id, and their gradient. */
export const embeddingKernels: KernelTable = {
  LayerwiseEmbedding: (backend, { weight, ids }) => {
    const [vocab, width] = weight!.shape as [number, number];
    const n = ids!.shape[0]!;
    const out = backend.output([n, width]);
    embedding(backend.pointer(weight!), backend.pointer(ids!), at(out), n, vocab, width);
    return out;
  },
  LayerwiseEmbeddingGrad: (backend, { ids, dy }, { vocabSize }) => {
    const [n, width] = dy!.shape as [number, number];
    const out = backend.output([vocabSize, width]);
    embeddingGrad(backend.pointer(ids!), backend.pointer(dy!), at(out), n, vocabSize, width);
    return out;
  },
};
