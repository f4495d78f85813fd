import { inflateSync } from "fflate";

/** A decoded PNG file: samples as they are stored, 8 bits each, and the palette if they are numbers of its colors. */
export interface PngImage {
  readonly width: number;
  readonly height: number;
  /** 1 gray or palette index, 2 gray and alpha, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 2 | 3 | 4;
  /** `[height, width, channels]`, each 0…`maxValue`. */
  readonly data: Uint8Array;
  /** 255, or less for samples of fewer bits. */
  readonly maxValue: number;
  /** RGB triples. */
  readonly palette?: Uint8Array;
}

/** Size and sort of a PNG file, from its first bytes. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  /** 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA. */
  readonly colorType: number;
  readonly interlaced: boolean;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const IHDR = 0x49484452;
const PLTE = 0x504c5445;
const IDAT = 0x49444154;
const IEND = 0x49454e44;
/** Deflate makes at most 1032 bytes of one. */
const MAX_RATIO = 1032;
const CHANNELS: Readonly<Record<number, 1 | 2 | 3 | 4>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function isPng(bytes: Uint8Array): boolean {
  return bytes.length > 8 && SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/** @returns undefined if the bytes do not begin like a PNG file */
export function readPngHeader(bytes: Uint8Array): PngHeader | undefined {
  if (bytes.length < 33 || !isPng(bytes) || uint32(bytes, 12) !== IHDR) return undefined;
  return {
    width: uint32(bytes, 16),
    height: uint32(bytes, 20),
    bitDepth: bytes[24]!,
    colorType: bytes[25]!,
    interlaced: bytes[28] !== 0,
  };
}

/** Whether {@link decodePng} can decode it: not interlaced, at most 8 bits per sample. */
export function isPlainPng({ width, height, bitDepth, colorType, interlaced }: PngHeader): boolean {
  const plainDepth = bitDepth === 8 || ((colorType === 0 || colorType === 3) && [1, 2, 4].includes(bitDepth));
  return width > 0 && height > 0 && plainDepth && !interlaced && CHANNELS[colorType] !== undefined;
}

/**
 * Decodes a plain PNG file at once, without a thread: for pictures so small that handing them over costs more than
 * decoding them, and for palettes, whose numbers other decoders do not give.
 * @throws Error if the file is damaged
 */
export function decodePng(bytes: Uint8Array, header: PngHeader): PngImage {
  const { width, height, bitDepth, colorType } = header;
  const channels = CHANNELS[colorType]!;
  const { packed, palette } = readChunks(bytes);
  const stride = Math.ceil((width * channels * bitDepth) / 8);
  const size = (stride + 1) * height;
  if (size > packed.length * MAX_RATIO) throw new Error(`it claims ${width}x${height} pixels but holds far fewer`);
  const rows = inflateSync(packed.subarray(2), { out: new Uint8Array(size) });
  if (rows.length < size) throw new Error("the pixel data ends too early");
  const pixelBytes = Math.max(1, (channels * bitDepth) >> 3);
  const samples = unfilter(rows, height, stride, pixelBytes);
  const data = bitDepth === 8 ? samples : unpack(samples, header, stride);
  const image = { width, height, channels, data, maxValue: (1 << bitDepth) - 1 };
  if (colorType !== 3) return image;
  if (palette === undefined) throw new Error("the palette is missing");
  return { ...image, palette };
}

function readChunks(bytes: Uint8Array): { packed: Uint8Array; palette: Uint8Array | undefined } {
  const parts: Uint8Array[] = [];
  let palette: Uint8Array | undefined;
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw new Error("the file is cut off");
    const length = uint32(bytes, at);
    const type = uint32(bytes, at + 4);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) throw new Error("the file is cut off");
    if (type === IEND) break;
    if (type === IDAT || type === PLTE || type === IHDR) {
      if (crc(bytes, at + 4, end) !== uint32(bytes, end)) throw new Error("a checksum is wrong");
      if (type === IDAT) parts.push(bytes.subarray(at + 8, end));
      else if (type === PLTE) palette = bytes.subarray(at + 8, end);
    }
    at = end + 4;
  }
  if (parts.length === 0) throw new Error("it holds no pixels");
  return { packed: parts.length === 1 ? parts[0]! : concat(parts), palette };
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Undoes the filter of each row. @see PNG specification, section 9 */
function unfilter(rows: Uint8Array, height: number, stride: number, pixelBytes: number): Uint8Array {
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)]!;
    const from = y * (stride + 1) + 1;
    const to = y * stride;
    const up = y === 0 ? -1 : to - stride;
    if (filter > 4) throw new Error(`row ${y} has the unknown filter ${filter}`);
    for (let x = 0; x < stride; x++) {
      const left = x < pixelBytes ? 0 : out[to + x - pixelBytes]!;
      const above = up < 0 ? 0 : out[up + x]!;
      let guess = 0;
      if (filter === 1) guess = left;
      else if (filter === 2) guess = above;
      else if (filter === 3) guess = (left + above) >> 1;
      else if (filter === 4) guess = paeth(left, above, up < 0 || x < pixelBytes ? 0 : out[up + x - pixelBytes]!);
      out[to + x] = rows[from + x]! + guess;
    }
  }
  return out;
}

function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** Samples of 1, 2 or 4 bits, one per byte. */
function unpack(rows: Uint8Array, { width, height, bitDepth }: PngHeader, stride: number): Uint8Array {
  const out = new Uint8Array(width * height);
  const most = (1 << bitDepth) - 1;
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * bitDepth;
      const byte = rows[y * stride + (bit >> 3)]!;
      out[to++] = (byte >> (8 - bitDepth - (bit & 7))) & most;
    }
  }
  return out;
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc(bytes: Uint8Array, start: number, end: number): number {
  let c = 0xffffffff;
  for (let i = start; i < end; i++) c = CRC_TABLE[(c ^ bytes[i]!) & 0xff]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
