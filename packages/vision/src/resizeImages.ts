import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { checkOptions, checkWhole, OptionError } from "@layerwise/core";
import { getImageFiles } from "@layerwise/data";
import { loadSharp, sharpReadOptions } from "./image/sharp.ts";
import { mapFiles } from "./verifyImages.ts";

export interface ResizeImagesOptions {
  /** Folder to write to; folders within are kept. */
  dest: string;
  /** Longer side, at most; smaller pictures are copied as they are. @defaultValue no limit */
  maxSize?: number;
  /** Whether folders in folders are looked into. @defaultValue true */
  recurse?: boolean;
  /** Ending of the new files, such as ".jpg", which also says their format. @defaultValue as it was */
  ext?: string;
  /** Pictures at once. @defaultValue 4 */
  workers?: number;
}

/**
 * Writes smaller copies of all pictures of a folder, once, so that each pass over them reads less.
 * @returns the new files; pictures that cannot be read are left out
 */
export async function resizeImages(path: string, options: ResizeImagesOptions): Promise<string[]> {
  checkOptions("resizeImages", options, { dest: true, maxSize: true, recurse: true, ext: true, workers: true });
  const { dest, maxSize, recurse = true, ext, workers = 4 } = options;
  checkWhole("resizeImages", "workers", workers, 1);
  if (maxSize !== undefined) checkWhole("resizeImages", "maxSize", maxSize, 1);
  if (resolve(dest) === resolve(path)) {
    throw new OptionError("resizeImages", {
      given: `dest "${dest}", the same folder`,
      expected: "another folder",
      fix: "the pictures themselves stay as they are: name a new folder",
    });
  }
  const files = await getImageFiles(path, { recurse });
  const written = await mapFiles(
    files,
    (file) => resizeOne(file, join(dest, relative(path, file)), maxSize, ext),
    workers,
  );
  return written.filter((file) => file !== undefined);
}

async function resizeOne(
  file: string,
  target: string,
  maxSize: number | undefined,
  ext: string | undefined,
): Promise<string | undefined> {
  const path = ext === undefined ? target : target.replace(/\.[^./\\]*$/, "") + (ext.startsWith(".") ? ext : `.${ext}`);
  const sharp = await loadSharp();
  try {
    const picture = sharp(file, sharpReadOptions);
    const { width, height } = await picture.metadata();
    await mkdir(dirname(path), { recursive: true });
    const isSmall = maxSize === undefined || Math.max(width, height) <= maxSize;
    if (isSmall && path === target) await copyFile(file, path);
    else {
      const limit = maxSize ?? Math.max(width, height);
      await picture.resize(limit, limit, { fit: "inside", withoutEnlargement: true }).toFile(path);
    }
    return path;
  } catch {
    return undefined;
  }
}
