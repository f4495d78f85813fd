import { OptionError } from "../errors.ts";

/**
 * What `LAYERWISE_THREADS` says: how many threads compute; undefined if it is not set.
 * @throws {@link OptionError} if it is no number of threads
 */
export function wantedThreads(): number | undefined {
  const wish = process.env.LAYERWISE_THREADS;
  if (wish === undefined || wish === "") return undefined;
  const count = Number(wish);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new OptionError("LAYERWISE_THREADS", {
    given: `"${wish}"`,
    expected: "a whole number, 1 or more",
    fix: "unset it to use as many threads as there are cores",
  });
}
