import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Rng } from "@layerwise/core";
import { writeWav } from "./wav.ts";

/** Samples per second of the tones. */
export const TONE_RATE = 8000;

export interface TonesOptions {
  /** Clips of all classes together. @defaultValue 600 */
  count?: number;
  /** Length of each. @defaultValue 0.5 */
  seconds?: number;
  /** @defaultValue 42 */
  seed?: number;
}

/** One period of each wave, by the phase, 0…1. */
const waves: Record<string, (phase: number, rng: Rng) => number> = {
  noise: (_phase, rng) => rng.uniform(-1, 1),
  saw: (phase) => 2 * phase - 1,
  sine: (phase) => Math.sin(2 * Math.PI * phase),
  square: (phase) => (phase < 0.5 ? 1 : -1),
};

/**
 * Writes a data set of tones, `sine/0001.wav` and so on: of random pitch and loudness, with a hiss. The same seed gives
 * the same files; a folder that is there already stays. It is built beside its place and renamed.
 * @returns the folder
 */
export async function makeTones(
  folder: string,
  { count = 600, seconds = 0.5, seed = 42 }: TonesOptions = {},
): Promise<string> {
  const path = join(folder, `tones-${count}x${seconds}s-${seed}`);
  if (existsSync(path)) return path;
  const temporary = `${path}.part`;
  await rm(temporary, { recursive: true, force: true });
  const rng = new Rng(seed);
  const names = Object.keys(waves);
  for (const name of names) await mkdir(join(temporary, name), { recursive: true });
  for (let i = 0; i < count; i++) {
    const name = names[i % names.length]!;
    const samples = drawTone(name, Math.round(seconds * TONE_RATE), rng);
    await writeWav(join(temporary, name, `${String(i).padStart(4, "0")}.wav`), { samples, sampleRate: TONE_RATE });
  }
  await rename(temporary, path);
  return path;
}

function drawTone(name: string, length: number, rng: Rng): Float32Array {
  const wave = waves[name]!;
  const pitch = 150 * 2 ** rng.uniform(0, 2); // hertz
  const [loudness, hiss, start] = [rng.uniform(0.1, 0.8), rng.uniform(0, 0.02), rng.uniform()];
  return Float32Array.from({ length }, (_, i) => {
    const phase = (start + (i * pitch) / TONE_RATE) % 1;
    return loudness * wave(phase, rng) + hiss * rng.uniform(-1, 1);
  });
}
