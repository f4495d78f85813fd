import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";

/** Numbers without a pattern, the same in every run. */
function noise(count: number, seed: number): Uint8Array {
  const values = new Uint8Array(count);
  let state = seed + 1;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = state >>> 24;
  }
  return values;
}

/** Soft color patches with a little grain: JPEG files of it are about as large as those of photographs. */
async function photo(width: number, height: number, seed: number): Promise<Uint8Array> {
  const cells = { width: 50, height: 38, channels: 3 as const };
  const soft = await sharp(noise(cells.width * cells.height * 3, seed), { raw: cells })
    .resize(width, height, { kernel: "cubic", fit: "fill" })
    .raw()
    .toBuffer();
  const grain = noise(soft.length, seed + 7);
  return soft.map((value, i) => Math.min(255, Math.max(0, value + ((grain[i] ?? 0) - 128) / 8)));
}

/** `count` JPEG files in the folders `a` and `b`. */
export async function writeJpegs(folder: string, count: number, width: number, height: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const data = await photo(width, height, i);
    const raw = { width, height, channels: 3 as const };
    await write(folder, i, "jpg", await sharp(data, { raw }).jpeg({ quality: 85 }).toBuffer());
  }
}

/** `count` gray PNG files, `side` pixels wide and high, in the folders `a` and `b`. */
export async function writePngs(folder: string, count: number, side: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const raw = { width: side, height: side, channels: 1 as const };
    const pixels = noise(side * side, i).map((value, k) => (k % side > side / 3 && k % side < side / 2 ? value : 0));
    await write(folder, i, "png", await sharp(pixels, { raw }).toColourspace("b-w").png().toBuffer());
  }
}

async function write(folder: string, i: number, extension: string, bytes: Uint8Array): Promise<void> {
  const path = join(folder, i % 2 === 0 ? "a" : "b");
  await mkdir(path, { recursive: true });
  await writeFile(join(path, `${i}.${extension}`), bytes);
}
