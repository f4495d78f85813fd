import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  categoryBlock,
  DataBlock,
  type DataLoaders,
  getImageFiles,
  type ImageItem,
  imageBlock,
  indexSplitter,
  parentLabel,
} from "@layerwise/vision/all";
import sharp from "sharp";
import { workFolder } from "./workFolder.ts";

/** Twelve pictures of 8 by 8: bright cats, dark dogs. @returns their paths, sorted as they are listed */
export async function catsAndDogs(): Promise<{ folder: string; files: string[] }> {
  const folder = workFolder();
  for (let i = 0; i < 12; i++) {
    const isCat = i % 2 === 0;
    const file = join(folder, isCat ? "cat" : "dog", `${i}.png`);
    mkdirSync(dirname(file), { recursive: true });
    const background = { r: (i * 53) % 256, g: isCat ? 230 : 20, b: 7 };
    await sharp({ create: { width: 8, height: 8, channels: 3, background } })
      .png()
      .toFile(file);
  }
  return { folder, files: await getImageFiles(folder) };
}

export interface PetOptions {
  label?: (path: string) => unknown;
  /** Positions of the validation pictures. @defaultValue the first two */
  valid?: readonly number[];
  bs?: number;
}

/** Loaders over `catsAndDogs`, labeled by folder or by a function that may be wrong. */
export function petLoaders(
  folder: string,
  { label = parentLabel, valid = [0, 1], bs = 4 }: PetOptions = {},
): Promise<DataLoaders<ImageItem, string>> {
  return new DataBlock({
    blocks: [imageBlock(), categoryBlock()],
    getItems: (path: string) => getImageFiles(path),
    getY: label as (path: string) => string,
    splitter: indexSplitter(valid),
  }).dataloaders(folder, { bs, path: folder });
}
