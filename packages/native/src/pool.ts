import { allocate, release } from "./addon.ts";

/** Blocks come in sizes that waste at most an eighth, so that a freed one fits the next tensor of about its size. */
function rounded(bytes: number): number {
  if (bytes <= 1024) return Math.max(64, (bytes + 63) & ~63);
  const step = 2 ** (Math.floor(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / step) * step;
}

/** How much more than its tensors ever needed at once the pool may hold. */
const spare = 64 * 2 ** 20;

const free = new Map<number, number[]>();
let inUse = 0;
let inUsePeak = 0;
let idle = 0;

/**
 * Native memory for `bytes` bytes: tensors live for microseconds and come in the same few sizes, so freed blocks are
 * kept and handed out again.
 * @throws Error if there is none
 */
export function take(bytes: number): number {
  const size = rounded(bytes);
  const block = free.get(size)?.pop();
  inUse += size;
  if (inUse > inUsePeak) inUsePeak = inUse;
  if (block !== undefined) {
    idle -= size;
    return block;
  }
  let fresh = allocate(size);
  if (fresh === 0 && idle > 0) {
    trim();
    fresh = allocate(size);
  }
  if (fresh === 0) {
    inUse -= size;
    throw new Error(
      `out of memory: a tensor of ${megabytes(bytes)} MB beside ${megabytes(inUse)} MB in use. Smaller batches, or ` +
        "disposing tensors that are no longer needed, help.",
    );
  }
  return fresh;
}

/** Gives a block of {@link take} back. */
export function put(block: number, bytes: number): void {
  const size = rounded(bytes);
  const blocks = free.get(size);
  if (blocks === undefined) free.set(size, [block]);
  else blocks.push(block);
  inUse -= size;
  idle += size;
  if (inUse + idle > inUsePeak + spare) trim();
}

/** Returns what lies idle to the system. */
export function trim(): void {
  for (const blocks of free.values()) for (const block of blocks) release(block);
  free.clear();
  idle = 0;
}

/** Bytes handed out, and bytes kept for the next tensors. */
export function poolState(): { inUse: number; idle: number } {
  return { inUse, idle };
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
