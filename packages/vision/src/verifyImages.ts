import { checkOptions, checkWhole } from "@layerwise/core";
import { ImageItem } from "./image/imageItem.ts";

export interface VerifyImagesOptions {
  /** Files being read at once. @defaultValue 16 */
  workers?: number;
}

/** Whether a file can be read as a picture, to its end. */
export async function verifyImage(file: string): Promise<boolean> {
  try {
    await ImageItem.create(file);
    return true;
  } catch {
    return false;
  }
}

/** The files that cannot be read as pictures, in their order. */
export async function verifyImages(files: readonly string[], options: VerifyImagesOptions = {}): Promise<string[]> {
  checkOptions("verifyImages", options, { workers: true });
  const { workers = 16 } = options;
  checkWhole("verifyImages", "workers", workers, 1);
  const isGood = await mapFiles(files, verifyImage, workers);
  return files.filter((_, i) => !isGood[i]);
}

/** Calls `fn` for each file, at most `workers` at once; results in the order of the files. */
export async function mapFiles<T>(
  files: readonly string[],
  fn: (file: string, i: number) => Promise<T>,
  workers: number,
): Promise<T[]> {
  const results = new Array<T>(files.length);
  let next = 0;
  const work = async () => {
    while (next < files.length) {
      const i = next++;
      results[i] = await fn(files[i]!, i);
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, files.length) }, work));
  return results;
}
