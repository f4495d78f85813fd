// Antialiased resizing of 8-bit pictures with fixed-point weights. Pointers may be read and written up to 16 bytes past
// the end of a picture: the caller leaves that room.

/** Fixed-point digits of a weight. */
const BITS: i32 = 22;
const HALF: i32 = 1 << (BITS - 1);

/** Resizes rows of 3 channels from `from` to `to` pixels. `size` weights per output, of which `counts` are used. */
export function columns3(
  source: usize,
  height: i32,
  from: i32,
  to: i32,
  starts: usize,
  counts: usize,
  weights: usize,
  size: i32,
  out: usize,
): void {
  const half = i32x4.splat(HALF);
  for (let y = 0; y < height; y++) {
    let weight = weights;
    for (let x = 0; x < to; x++) {
      let pixel = source + load<i32>(starts + (x << 2)) * 3;
      const end = weight + (load<i32>(counts + (x << 2)) << 2);
      let sum = half;
      for (let w = weight; w < end; w += 4) {
        const color = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(pixel)));
        sum = i32x4.add(sum, i32x4.mul(color, v128.load32_splat(w)));
        pixel += 3;
      }
      store<i32>(out, pack(sum)); // the fourth byte is the next pixel's, written after this
      out += 3;
      weight += size << 2;
    }
    source += from * 3;
  }
}

/** The three sums of a pixel as bytes. */
function pack(sum: v128): i32 {
  const rounded = i32x4.shr_u(sum, BITS);
  const words = i16x8.narrow_i32x4_u(rounded, rounded);
  return i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0);
}

/** The same for any number of channels. */
export function columns(
  source: usize,
  height: i32,
  from: i32,
  to: i32,
  starts: usize,
  counts: usize,
  weights: usize,
  size: i32,
  out: usize,
  channels: i32,
): void {
  for (let y = 0; y < height; y++) {
    let weight = weights;
    for (let x = 0; x < to; x++) {
      const first = source + load<i32>(starts + (x << 2)) * channels;
      const end = weight + (load<i32>(counts + (x << 2)) << 2);
      for (let c = 0; c < channels; c++) {
        let sum = HALF;
        let value = first + c;
        for (let w = weight; w < end; w += 4) {
          sum += <i32>load<u8>(value) * load<i32>(w);
          value += channels;
        }
        store<u8>(out++, sum >>> BITS);
      }
      weight += size << 2;
    }
    source += from * channels;
  }
}

/** Mixes whole rows of `stride` bytes into `to` rows. */
export function rows(
  source: usize,
  stride: i32,
  to: i32,
  starts: usize,
  counts: usize,
  weights: usize,
  size: i32,
  out: usize,
): void {
  const half = i32x4.splat(HALF);
  for (let y = 0; y < to; y++) {
    const first = source + load<i32>(starts + (y << 2)) * stride;
    const end = weights + (load<i32>(counts + (y << 2)) << 2);
    for (let i = 0; i < stride; i += 16) {
      let a = half;
      let b = half;
      let c = half;
      let d = half;
      let at = first + i;
      for (let w = weights; w < end; w += 4) {
        const bytes = v128.load(at);
        const weight = v128.load32_splat(w);
        const low = i16x8.extend_low_i8x16_u(bytes);
        const high = i16x8.extend_high_i8x16_u(bytes);
        a = i32x4.add(a, i32x4.mul(i32x4.extend_low_i16x8_u(low), weight));
        b = i32x4.add(b, i32x4.mul(i32x4.extend_high_i16x8_u(low), weight));
        c = i32x4.add(c, i32x4.mul(i32x4.extend_low_i16x8_u(high), weight));
        d = i32x4.add(d, i32x4.mul(i32x4.extend_high_i16x8_u(high), weight));
        at += stride;
      }
      const low = i16x8.narrow_i32x4_u(i32x4.shr_u(a, BITS), i32x4.shr_u(b, BITS));
      const high = i16x8.narrow_i32x4_u(i32x4.shr_u(c, BITS), i32x4.shr_u(d, BITS));
      v128.store(out + i, i8x16.narrow_i16x8_u(low, high)); // past the row's end is the next row's, written after this
    }
    out += stride;
    weights += size << 2;
  }
}
