import { readFile, writeFile } from "node:fs/promises";
import { DataError } from "@layerwise/core";

/** A sound as a file holds it, mixed down to one channel. */
export interface Sound {
  /** In −1…1. */
  samples: Float32Array;
  /** Samples per second. */
  sampleRate: number;
}

interface Format {
  channels: number;
  sampleRate: number;
}

const HEADER = 12; // "RIFF", size, "WAVE"
const CHUNK = 8; // name, size
const FORMAT_SIZE = 16;
const PCM = 1;
const EXTENSIBLE = 0xfffe;

/**
 * Reads a WAV file of 16-bit PCM; several channels become their mean.
 * @throws {@link DataError} if it is missing, cut off, not a WAV file, or of another bit depth, naming it
 */
export async function readWav(path: string): Promise<Sound> {
  const content = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw bad(path, cause.code === "ENOENT" ? "which does not exist" : `which cannot be read (${cause.code})`, cause);
  });
  return parseWav(content, path);
}

/** Writes a sound as 16-bit PCM; what lies outside −1…1 is cut off. */
export async function writeWav(path: string, { samples, sampleRate }: Sound): Promise<void> {
  const view = new DataView(new ArrayBuffer(HEADER + CHUNK + FORMAT_SIZE + CHUNK + 2 * samples.length));
  writeName(view, 0, "RIFF");
  view.setUint32(4, view.byteLength - CHUNK, true);
  writeName(view, 8, "WAVE");
  writeName(view, 12, "fmt ");
  view.setUint32(16, FORMAT_SIZE, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true); // bytes per second
  view.setUint16(32, 2, true); // bytes per frame
  view.setUint16(34, 16, true); // bits per sample
  writeName(view, 36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, i) => {
    view.setInt16(44 + 2 * i, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true);
  });
  await writeFile(path, new Uint8Array(view.buffer));
}

function parseWav(content: Uint8Array, path: string): Sound {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (view.byteLength === 0) throw bad(path, "which is empty");
  if (view.byteLength < HEADER || readName(view, 0) !== "RIFF" || readName(view, 8) !== "WAVE") {
    throw bad(path, "which is not a WAV file");
  }
  let format: Format | undefined;
  for (let at = HEADER; at + CHUNK <= view.byteLength; ) {
    const [name, size, start] = [readName(view, at), view.getUint32(at + 4, true), at + CHUNK];
    const left = view.byteLength - start;
    if (size > left) throw bad(path, `which is cut off: ${left} of ${size} bytes of its part "${name}" are there`);
    if (name === "fmt ") format = readFormat(new DataView(view.buffer, view.byteOffset + start, size), path);
    if (name === "data") {
      if (format === undefined) throw bad(path, "which does not say its format before its samples");
      return readSamples(new DataView(view.buffer, view.byteOffset + start, size), format, path);
    }
    at = start + size + (size % 2); // parts start at even places
  }
  throw bad(path, "which is cut off: it has no samples");
}

function readFormat(view: DataView, path: string): Format {
  if (view.byteLength < FORMAT_SIZE) throw bad(path, "which is damaged: its format is too short");
  const [encoding, channels, sampleRate] = [view.getUint16(0, true), view.getUint16(2, true), view.getUint32(4, true)];
  const bits = view.getUint16(14, true);
  const coding = encoding === EXTENSIBLE && view.byteLength >= 26 ? view.getUint16(24, true) : encoding;
  if (coding !== PCM) throw bad(path, `whose samples are not PCM (encoding ${coding})`);
  if (bits !== 16) throw bad(path, `whose samples have ${bits} bits`);
  if (channels === 0 || sampleRate === 0) throw bad(path, `with ${channels} channels at ${sampleRate} Hz`);
  return { channels, sampleRate };
}

function readSamples(view: DataView, { channels, sampleRate }: Format, path: string): Sound {
  const samples = new Float32Array(Math.floor(view.byteLength / (2 * channels)));
  if (samples.length === 0) throw bad(path, "which has no samples");
  for (let i = 0; i < samples.length; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += view.getInt16(2 * (i * channels + c), true);
    samples[i] = sum / channels / 32768;
  }
  return { samples, sampleRate };
}

function readName(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}

function writeName(view: DataView, at: number, name: string): void {
  for (let i = 0; i < 4; i++) view.setUint8(at + i, name.charCodeAt(i));
}

function bad(path: string, problem: string, cause?: unknown): DataError {
  return new DataError("readWav", {
    given: `"${path}", ${problem}`,
    expected: "a whole WAV file of 16-bit PCM",
    fix: "convert it (`ffmpeg -i in -c:a pcm_s16le out.wav`), or leave it out in `getItems`",
    cause,
  });
}
