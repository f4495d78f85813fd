import { Transform, type TransformLike } from "./transform.ts";

/**
 * Default and user transforms as one list: of each class the last instance, in the place of the first. So a user's
 * `new Resize(128)` replaces the block's. Functions are alike only if they are the same.
 */
export function mergeTfms(...lists: readonly (readonly TransformLike[])[]): TransformLike[] {
  const merged = new Map<unknown, TransformLike>();
  for (const tfm of lists.flat()) merged.set(keyOf(tfm), tfm);
  return [...merged.values()];
}

function keyOf(tfm: TransformLike): unknown {
  if (!(tfm instanceof Transform)) return tfm;
  return tfm.constructor === Transform ? tfm : tfm.constructor;
}
