import { StateError } from "@layerwise/core";

/**
 * Number of outputs that a model needs: classes, or numbers per target; of several targets, those of the last.
 * `dls.c` is the same, but `undefined` where nothing says so.
 * @throws {@link StateError} where neither a transform nor a vocabulary knows
 */
export function getC(dls: { readonly c: number | undefined }): number {
  const { c } = dls;
  if (c !== undefined) return c;
  throw new StateError("getC", {
    given: "targets that do not say how many outputs they ask for",
    expected: "a block that does, such as `categoryBlock()` or `regressionBlock()`",
    fix: "give the number of outputs to the model yourself",
  });
}
