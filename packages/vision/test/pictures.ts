import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { writeSafetensors } from "@layerwise/core/files";
import sharp from "sharp";
import type { Architecture } from "../src/models/architectures.ts";

const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone after the tests. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "layerwise-vision-"));
  folders.push(folder);
  return folder;
}

/** A smooth picture: red grows to the right, green downwards. */
export function gradient(width: number, height: number, channels: 1 | 3 | 4 = 3) {
  const data = new Uint8Array(width * height * channels);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const color = [Math.round((x * 255) / width), Math.round((y * 255) / height), 99, 128];
      for (let c = 0; c < channels; c++) data[i++] = color[c]!;
    }
  }
  return { width, height, channels, data };
}

/** Writes a picture file of the kind that its ending says, in folders that are made. */
export async function writePicture(
  path: string,
  { width = 24, height = 16, channels = 3 }: { width?: number; height?: number; channels?: 1 | 3 | 4 } = {},
): Promise<string> {
  mkdirSync(dirname(path), { recursive: true });
  const { data } = gradient(width, height, channels);
  const picture = sharp(data, { raw: { width, height, channels } });
  await (channels === 1 ? picture.toColourspace("b-w") : picture).toFile(path);
  return path;
}

/** `train` and `valid` folders of two classes. */
export async function writeClasses(folder: string, { count = 6, ending = "png" } = {}): Promise<string> {
  for (const [split, n] of [["train", count] as const, ["valid", 2] as const]) {
    for (const [k, label] of ["cat", "dog"].entries()) {
      for (let i = 0; i < n; i++) {
        const size = { width: 20 + 6 * k + i, height: 18 + i };
        await writePicture(join(folder, split, label, `${label}_${i}.${ending}`), size);
      }
    }
  }
  return folder;
}

/** Fresh weights of a full classifier, in a file as they are published: PyTorch's names and layout. */
export async function writeWeights(arch: Architecture): Promise<string> {
  const model = arch.build();
  const path = join(tempFolder(), `${arch.name}.safetensors`);
  await writeSafetensors(path, await model.stateDict({ layout: "torch" }));
  model.dispose();
  return path;
}
