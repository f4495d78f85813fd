import type { SharpOptions } from "sharp";

type SharpModule = typeof import("sharp").default;

let loading: Promise<SharpModule> | undefined;

/**
 * The picture library, loaded at the first use, so that importing the package stays quick. Each picture is decoded by
 * one thread and none is kept: many are decoded side by side, and each is asked for once per pass.
 */
export function loadSharp(): Promise<SharpModule> {
  loading ??= import("sharp").then(({ default: sharp }) => {
    sharp.concurrency(1);
    sharp.cache(false);
    return sharp;
  });
  return loading;
}

/** Read as Pillow reads: no color profile, and an error for files that end too early. */
export const sharpReadOptions: SharpOptions = { failOn: "error", ignoreIcc: true };
