// Decodes baseline JPEG pictures to the pixels that libjpeg-turbo gives, to the last bit: its exact integer transform,
// "fancy" upsampling and color conversion. Whatever is unusual (progressive, other samplings, damage) is refused, for a
// complete decoder to look at. Rows may be written up to 32 bytes past their end: the layout leaves that room.

import { COUNT, FAST, FIRST, LOOK, readHuffman, SHORT, signed, TABLE } from "./jpegHuffman";
import { toRgb, transform, upsample } from "./jpegPixels";

/** Results of `open` and `decode`. */
const OK: i32 = 0;
const REFUSED: i32 = 1;

const MAX_PIXELS: i32 = 1 << 22;

// i16[4][64], in zigzag order
const quants: usize = (__heap_base + 15) & ~15;

// Huffman tables, DC 0…3 and AC 0…3.
const tables: usize = quants + 4 * 64 * 2;

const zigzag: usize = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35,
  42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
]);
const block: usize = memory.data(128, 16);

// Per component, 32 bytes: i32 id, quant table, DC and AC table (as addresses), last DC, plane, stride, rows.
const components: usize = memory.data(3 * 32, 16);
const QUANT: usize = 4;
const DC: usize = 8;
const AC: usize = 12;
const LAST: usize = 16;
const PLANE: usize = 20;
const STRIDE: usize = 24;

let width: i32 = 0;
let height: i32 = 0;
let count: i32 = 0;
/** How many times wider and higher than the color planes the first plane is. */
let wide: i32 = 1;
let high: i32 = 1;
let interval: i32 = 0;

// The bits read ahead: `bits` of them at the top of `ahead`, of which the last `padded` are made up.
let at: usize = 0;
let end: usize = 0;
let ahead: u64 = 0;
let bits: i32 = 0;
let padded: i32 = 0;

export function pictureWidth(): i32 {
  return width;
}

export function pictureHeight(): i32 {
  return height;
}

export function channels(): i32 {
  return count;
}

/** Where the file's content may be put. */
export function base(): usize {
  return tables + 8 * TABLE;
}

/** Bytes of memory that `decode` needs after the file's content. */
export function room(): i32 {
  const across = (width + 8 * wide - 1) / (8 * wide);
  const down = (height + 8 * high - 1) / (8 * high);
  const planes = across * down * 64 * (count === 1 ? 1 : wide * high + 2);
  return planes + width * height * count + 8 * (width + 64) + 256;
}

@inline
function word(place: usize): i32 {
  return (<i32>load<u8>(place) << 8) | <i32>load<u8>(place, 1);
}

/** Reads up to the first scan of the file of `size` bytes at `base()`. */
export function open(size: i32): i32 {
  at = base();
  end = at + size;
  count = 0;
  interval = 0;
  memory.fill(components, 0, 96);
  memory.fill(quants, 0, 512);
  memory.fill(tables, 0, 8 * TABLE);
  if (size < 4 || word(at) != 0xffd8) return REFUSED;
  at += 2;
  while (at + 4 <= end) {
    if (load<u8>(at) != 0xff) return REFUSED;
    const marker = <i32>load<u8>(at, 1);
    if (marker == 0xff) {
      at += 1;
      continue;
    }
    const body = at + 4;
    const next = at + 2 + word(at + 2);
    if (next > end || next < body) return REFUSED;
    at = next;
    let isFine = true;
    if (marker == 0xc0 || marker == 0xc1) isFine = count == 0 && readFrame(body, next);
    else if (marker == 0xc4) isFine = readHuffman(tables, body, next);
    else if (marker == 0xdb) isFine = readQuants(body, next);
    else if (marker == 0xda) return readScan(body, next) ? OK : REFUSED;
    else if (marker == 0xdd) {
      if (next != body + 2) return REFUSED;
      interval = word(body);
    } else if (marker == 0xee) isFine = !isAdobe(body, next) || load<u8>(body, 11) == 1;
    else isFine = marker >= 0xe0; // application data and comments; not: other kinds of frames
    if (!isFine) return REFUSED;
  }
  return REFUSED;
}

function isAdobe(body: usize, next: usize): bool {
  return next >= body + 12 && load<u32>(body) == 0x626f6441; // "Adob"
}

function readFrame(body: usize, next: usize): bool {
  if (next < body + 9 || load<u8>(body) != 8) return false;
  height = word(body + 1);
  width = word(body + 3);
  count = load<u8>(body, 5);
  if (width == 0 || height == 0 || width > MAX_PIXELS / height) return false;
  if ((count != 1 && count != 3) || next != body + 6 + 3 * count) return false;
  wide = 1;
  high = 1;
  for (let i = 0; i < count; i++) {
    const from = body + 6 + 3 * i;
    const part = components + 32 * i;
    const factors = load<u8>(from, 1);
    const table = load<u8>(from, 2);
    if (table > 3) return false;
    store<i32>(part, load<u8>(from));
    store<usize>(part, quants + 128 * table, QUANT);
    if (i == 0 && count == 3) {
      wide = factors >> 4;
      high = factors & 15;
    } else if (count == 3 && factors != 0x11) return false;
  }
  if (count == 1) return true;
  if (load<i32>(components) == 82 && load<i32>(components, 32) == 71) return false; // stored as red and green
  if (wide == 1) return high == 1;
  return wide == 2 && (high == 1 || high == 2) && width > 4;
}

function readQuants(body: usize, next: usize): bool {
  while (body < next) {
    const head = load<u8>(body++);
    const isWide = head >> 4;
    if ((head & 15) > 3 || isWide > 1 || body + (64 << isWide) > next) return false;
    for (let i = 0; i < 64; i++) {
      const value = isWide ? word(body + 2 * i) : <i32>load<u8>(body + i);
      store<i16>(quants + 128 * (head & 15) + 2 * i, <i16>value);
    }
    body += 64 << isWide;
  }
  return true;
}

/** One scan of all components is all that there may be. */
function readScan(body: usize, next: usize): bool {
  if (count == 0 || <i32>load<u8>(body) != count || next != body + 4 + 2 * count) return false;
  for (let i = 0; i < count; i++) {
    const part = components + 32 * i;
    const chosen = load<u8>(body + 2 + 2 * i);
    if (load<i32>(part) != <i32>load<u8>(body + 1 + 2 * i) || chosen >> 4 > 3 || (chosen & 15) > 3) return false;
    if (load<i16>(load<usize>(part, QUANT)) == 0) return false; // never defined
    store<usize>(part, tables + TABLE * (chosen >> 4), DC);
    store<usize>(part, tables + TABLE * (4 + (chosen & 15)), AC);
  }
  return word(next - 3) == 63 && load<u8>(next - 1) == 0;
}

/** Pixels, row by row, from `out()` on; after `open`. */
export function decode(): i32 {
  const across = (width + 8 * wide - 1) / (8 * wide);
  const down = (height + 8 * high - 1) / (8 * high);
  let place = (end + 31) & ~15;
  for (let i = 0; i < count; i++) {
    const part = components + 32 * i;
    const stride = across * 8 * (i == 0 ? wide : 1);
    store<usize>(part, place, PLANE);
    store<i32>(part, stride, STRIDE);
    place += stride * down * 8 * (i == 0 ? high : 1);
  }
  planesEnd = place;
  restart();
  let left = interval;
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      if (interval > 0 && left-- == 0) {
        if (bits < padded || !skipMarker(0xd0, 0xd7)) return REFUSED;
        restart();
        left = interval - 1;
      }
      for (let i = 0; i < count; i++) {
        const part = components + 32 * i;
        const nx = i == 0 ? wide : 1;
        const ny = i == 0 ? high : 1;
        const stride = load<i32>(part, STRIDE);
        for (let v = 0; v < ny; v++) {
          for (let h = 0; h < nx; h++) {
            const last = readBlock(part);
            if (last < 0) return REFUSED;
            transform(block, load<usize>(part, PLANE) + (y * ny + v) * 8 * stride + (x * nx + h) * 8, stride, last);
          }
        }
      }
    }
    if (bits < padded) return REFUSED;
  }
  if (!skipMarker(0xd9, 0xd9)) return REFUSED;
  convert();
  return OK;
}

let planesEnd: usize = 0;

export function out(): usize {
  return (planesEnd + 15) & ~15;
}

function restart(): void {
  ahead = 0;
  bits = 0;
  padded = 0;
  for (let i = 0; i < count; i++) store<i32>(components + 32 * i, 0, LAST);
}

/** Whether the next marker is one of these; less than a byte may stand before it. */
function skipMarker(low: i32, high: i32): bool {
  if (bits - padded > 7) return false;
  if (at + 2 > end || load<u8>(at) != 0xff) return false;
  const marker = <i32>load<u8>(at, 1);
  at += 2;
  return marker >= low && marker <= high;
}

/** Brings `bits` to 32 at least; after the last, zeros. */
function refill(): void {
  if (at + 4 <= end) {
    const next = bswap(load<u32>(at));
    if (((~next - 0x01010101) & next & 0x80808080) == 0) {
      ahead |= (<u64>next) << (32 - bits);
      bits += 32;
      at += 4;
      return;
    }
  }
  while (bits < 32) {
    let next: u64 = 0;
    if (at < end && (load<u8>(at) != 0xff || (at + 1 < end && load<u8>(at, 1) == 0))) {
      next = load<u8>(at);
      at += next == 0xff ? 2 : 1;
    } else padded += 8;
    ahead |= next << (56 - bits);
    bits += 8;
  }
}

@inline
function skip(n: i32): void {
  ahead <<= n;
  bits -= n;
}

/** The next symbol of a table, or -1. */
@inline
function readSymbol(table: usize): i32 {
  const short = <i32>load<u16>(table + 2 * <usize>(ahead >> (64 - LOOK)), SHORT);
  if (short != 0) {
    skip(short >> 8);
    return short & 255;
  }
  return readLong(table);
}

function readLong(table: usize): i32 {
  for (let length = LOOK + 1; length <= 16; length++) {
    const code = <i32>(ahead >> (64 - length));
    if (code >= load<i32>(table + 4 * length, COUNT)) continue;
    skip(length);
    return load<u8>(table + (code - load<i32>(table + 4 * length, FIRST)));
  }
  return -1;
}

/** Reads a block into `block`, dequantized. @returns the place of its last number in zigzag order, or -1 */
function readBlock(part: usize): i32 {
  for (let i: usize = 0; i < 128; i += 16) v128.store(block + i, i64x2.splat(0));
  const quant = load<usize>(part, QUANT);
  if (bits < 32) refill();
  const size = readSymbol(load<usize>(part, DC));
  if (size < 0 || size > 11) return -1;
  let value = load<i32>(part, LAST);
  if (size > 0) {
    value += signed(<i32>(ahead >> (64 - size)), size);
    skip(size);
    store<i32>(part, value, LAST);
  }
  store<i16>(block, <i16>(value * load<i16>(quant)));
  const table = load<usize>(part, AC);
  let last = 0;
  for (let k = 1; k < 64; k++) {
    if (bits < 32) refill();
    const fast = load<i32>(table + 4 * <usize>(ahead >> (64 - LOOK)), FAST);
    if (fast != 0) {
      k += (fast >> 8) & 255;
      skip(fast & 255);
      value = fast >> 16;
    } else {
      const symbol = readSymbol(table);
      if (symbol < 0) return -1;
      k += symbol >> 4;
      const n = symbol & 15;
      if (n == 0) {
        if (symbol == 0xf0) continue;
        break;
      }
      value = signed(<i32>(ahead >> (64 - n)), n);
      skip(n);
    }
    if (k > 63) return -1;
    store<i16>(block + 2 * <usize>load<u8>(zigzag + k), <i16>(value * load<i16>(quant + 2 * k)));
    last = k;
  }
  return last;
}

/** From the planes to rows of pixels at `out()`. */
function convert(): void {
  const luma = load<usize>(components, PLANE);
  const stride = load<i32>(components, STRIDE);
  let to = out();
  if (count == 1) {
    for (let y = 0; y < height; y++, to += width) memory.copy(to, luma + y * stride, width);
    return;
  }
  const blue = load<usize>(components + 32, PLANE);
  const red = load<usize>(components + 64, PLANE);
  const colorStride = load<i32>(components + 32, STRIDE);
  const colorWidth = (width + wide - 1) / wide;
  const colorHeight = (height + high - 1) / high;
  const work = (to + 3 * width * height + 63) & ~15;
  const wideBlue = work + 2 * colorWidth + 64;
  const wideRed = wideBlue + 2 * colorWidth + 64;
  for (let y = 0; y < height; y++, to += 3 * width) {
    const near = y / high;
    const far = high == 1 ? near : y & 1 ? min(near + 1, colorHeight - 1) : max(near - 1, 0);
    let b = blue + near * colorStride;
    let r = red + near * colorStride;
    if (wide == 2) {
      upsample(b, blue + far * colorStride, high == 2, colorWidth, work, wideBlue);
      upsample(r, red + far * colorStride, high == 2, colorWidth, work, wideRed);
      b = wideBlue;
      r = wideRed;
    }
    toRgb(luma + y * stride, b, r, width, to);
  }
}
