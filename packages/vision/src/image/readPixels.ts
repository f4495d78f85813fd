import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type ColorMode, pngToColorMode, toColorMode } from "./colors.ts";
import { decodeJpeg } from "./jpeg.ts";
import { decodePng, isPlainPng, type PngHeader, readPngHeader } from "./png.ts";
import type { Raster } from "./resample.ts";
import { loadSharp, sharpReadOptions } from "./sharp.ts";
import { unreadable } from "./unreadable.ts";

/** A picture file: its path, or its content. */
export type ImageFile = string | Uint8Array | ArrayBuffer;

export interface ReadOptions {
  /** Turns the picture as its EXIF orientation says. @defaultValue false, as fastai does */
  autoOrient?: boolean;
}

/** Up to this size a PNG file is read and decoded on the spot: that takes less time than a thread's answer. */
const SMALL_BYTES = 1 << 16;
const SMALL_PIXELS = 1 << 16;

/**
 * Decodes a picture to 8 bits per sample; of an animation the first frame. A small PNG file comes at once.
 * @throws {@link DataError} if it is missing, damaged or no picture, naming the file
 */
export function readPixels(file: ImageFile, mode: ColorMode, options: ReadOptions = {}): Raster | Promise<Raster> {
  const { autoOrient = false } = options;
  try {
    const bytes = typeof file === "string" ? readSmallPng(file) : asBytes(file);
    const header = bytes && readPngHeader(bytes);
    if (bytes && header && !autoOrient && isSmall(header) && isPlainPng(header)) {
      return pngToColorMode(decodePng(bytes, header), mode);
    }
    if (bytes?.length === 0) throw new Error("it is empty");
    const input = bytes ?? (file as string);
    const others = () => readWithSharp(file, input, mode, autoOrient);
    if (autoOrient || !isJpeg(input)) return others();
    return decodeJpeg(input).then((raster) => (raster === null ? others() : toColorMode(raster, mode)));
  } catch (cause) {
    return unreadable(file, cause);
  }
}

async function readWithSharp(
  file: ImageFile,
  input: string | Uint8Array,
  mode: ColorMode,
  autoOrient: boolean,
): Promise<Raster> {
  try {
    const sharp = await loadSharp();
    const picture = sharp(input, { ...sharpReadOptions, autoOrient }).removeAlpha();
    const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    return toColorMode({ width, height, channels, data: viewOf(data) }, mode);
  } catch (cause) {
    return unreadable(file, cause);
  }
}

/**
 * Class numbers of a mask: the stored numbers of a palette or gray PNG, whatever color they stand for, 16-bit ones
 * included; the gray value for other pictures.
 * @throws {@link DataError} if it is missing, damaged or no picture, naming the file
 */
export async function readMask(file: ImageFile): Promise<Raster<Uint8Array | Uint16Array>> {
  try {
    const bytes = typeof file === "string" ? (readSmallPng(file) ?? (await readFile(file))) : asBytes(file);
    const header = readPngHeader(bytes);
    if (header === undefined || (header.colorType !== 0 && header.colorType !== 3)) {
      return await readPixels(typeof file === "string" ? file : bytes, "gray");
    }
    const { width, height } = header;
    if (isPlainPng(header)) return { width, height, channels: 1, data: decodePng(bytes, header).data };
    if (header.bitDepth !== 16) return await readInterlaced(bytes);
    const sharp = await loadSharp();
    const gray = sharp(bytes, sharpReadOptions).toColourspace("grey16").raw({ depth: "ushort" });
    return { width, height, channels: 1, data: new Uint16Array(viewOf(await gray.toBuffer()).slice().buffer) };
  } catch (cause) {
    return unreadable(file, cause);
  }
}

async function readInterlaced(bytes: Uint8Array): Promise<Raster> {
  const { decode } = await import("fast-png");
  const { width, height, data } = decode(bytes, { checkCrc: true });
  return { width, height, channels: 1, data: Uint8Array.from(data) };
}

function isJpeg(input: string | Uint8Array): boolean {
  return typeof input === "string" ? /\.(jpe?g|jfif)$/i.test(input) : input[0] === 0xff && input[1] === 0xd8;
}

function isSmall({ width, height }: PngHeader): boolean {
  return width * height <= SMALL_PIXELS;
}

/** @returns undefined if the file is not named as a PNG, or not small */
function readSmallPng(path: string): Uint8Array | undefined {
  if (!/\.png$/i.test(path)) return undefined;
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    if (size > SMALL_BYTES) return undefined;
    const bytes = new Uint8Array(size);
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

function asBytes(file: Uint8Array | ArrayBuffer): Uint8Array {
  return file instanceof Uint8Array ? file : new Uint8Array(file);
}

function viewOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
