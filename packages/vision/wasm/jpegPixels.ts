// From the numbers of a JPEG block to pixels: libjpeg's "islow" transform, "fancy" upsampling and color conversion, all
// exact in integers. What the constants mean: 13 binary digits of the cosines.

/** Both products of a pair of 16-bit lanes, added. */
@inline
function pair(a: i32, b: i32): v128 {
  return i32x4.splat((b << 16) | (a & 0xffff));
}

@inline
function low(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
}

@inline
function high(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
}

// Rows of the block between the passes, i16x8 each.
const rows: usize = memory.data(8 * 16, 16);

@inline
function row(from: usize, i: i32): v128 {
  return v128.load(from + 16 * i);
}

/** One direction of the transform for four columns: the left ones or the right ones. Eight i32x4 go to `sums`. */
@inline
function half(from: usize, isHigh: bool, shift: i32): void {
  const x0 = row(from, 0);
  const x1 = row(from, 1);
  const x2 = row(from, 2);
  const x3 = row(from, 3);
  const x4 = row(from, 4);
  const x5 = row(from, 5);
  const x6 = row(from, 6);
  const x7 = row(from, 7);
  const even = isHigh ? high(x2, x6) : low(x2, x6);
  const t3 = i32x4.dot_i16x8_s(even, pair(4433 + 6270, 4433));
  const t2 = i32x4.dot_i16x8_s(even, pair(4433, 4433 - 15137));
  const plus = i16x8.add(x0, x4);
  const minus = i16x8.sub(x0, x4);
  const t0 = i32x4.shl(isHigh ? i32x4.extend_high_i16x8_s(plus) : i32x4.extend_low_i16x8_s(plus), 13);
  const t1 = i32x4.shl(isHigh ? i32x4.extend_high_i16x8_s(minus) : i32x4.extend_low_i16x8_s(minus), 13);
  const round = i32x4.splat(1 << (shift - 1));
  const e0 = i32x4.add(i32x4.add(t0, t3), round);
  const e3 = i32x4.add(i32x4.sub(t0, t3), round);
  const e1 = i32x4.add(i32x4.add(t1, t2), round);
  const e2 = i32x4.add(i32x4.sub(t1, t2), round);

  const z3 = i16x8.add(x7, x3);
  const z4 = i16x8.add(x5, x1);
  const z = isHigh ? high(z3, z4) : low(z3, z4);
  const s3 = i32x4.dot_i16x8_s(z, pair(9633 - 16069, 9633));
  const s4 = i32x4.dot_i16x8_s(z, pair(9633, 9633 - 3196));
  const x71 = isHigh ? high(x7, x1) : low(x7, x1);
  const x53 = isHigh ? high(x5, x3) : low(x5, x3);
  const o0 = i32x4.add(i32x4.dot_i16x8_s(x71, pair(2446 - 7373, -7373)), s3);
  const o3 = i32x4.add(i32x4.dot_i16x8_s(x71, pair(-7373, 12299 - 7373)), s4);
  const o1 = i32x4.add(i32x4.dot_i16x8_s(x53, pair(16819 - 20995, -20995)), s4);
  const o2 = i32x4.add(i32x4.dot_i16x8_s(x53, pair(-20995, 25172 - 20995)), s3);

  const to = sums + (isHigh ? 128 : 0);
  v128.store(to, i32x4.shr_s(i32x4.add(e0, o3), shift));
  v128.store(to, i32x4.shr_s(i32x4.add(e1, o2), shift), 16);
  v128.store(to, i32x4.shr_s(i32x4.add(e2, o1), shift), 32);
  v128.store(to, i32x4.shr_s(i32x4.add(e3, o0), shift), 48);
  v128.store(to, i32x4.shr_s(i32x4.sub(e3, o0), shift), 64);
  v128.store(to, i32x4.shr_s(i32x4.sub(e2, o1), shift), 80);
  v128.store(to, i32x4.shr_s(i32x4.sub(e1, o2), shift), 96);
  v128.store(to, i32x4.shr_s(i32x4.sub(e0, o3), shift), 112);
}

const sums: usize = memory.data(256, 16);

@inline
function packed(i: i32): v128 {
  return i16x8.narrow_i32x4_s(v128.load(sums + 16 * i), v128.load(sums + 128 + 16 * i));
}

/** Rows of `sums` become columns of `rows`. */
@inline
function transpose(): void {
  const a0 = packed(0);
  const a1 = packed(1);
  const a2 = packed(2);
  const a3 = packed(3);
  const a4 = packed(4);
  const a5 = packed(5);
  const a6 = packed(6);
  const a7 = packed(7);
  const b0 = low(a0, a4);
  const b1 = high(a0, a4);
  const b2 = low(a1, a5);
  const b3 = high(a1, a5);
  const b4 = low(a2, a6);
  const b5 = high(a2, a6);
  const b6 = low(a3, a7);
  const b7 = high(a3, a7);
  const c0 = low(b0, b4);
  const c1 = high(b0, b4);
  const c2 = low(b1, b5);
  const c3 = high(b1, b5);
  const c4 = low(b2, b6);
  const c5 = high(b2, b6);
  const c6 = low(b3, b7);
  const c7 = high(b3, b7);
  v128.store(rows, low(c0, c4));
  v128.store(rows, high(c0, c4), 16);
  v128.store(rows, low(c1, c5), 32);
  v128.store(rows, high(c1, c5), 48);
  v128.store(rows, low(c2, c6), 64);
  v128.store(rows, high(c2, c6), 80);
  v128.store(rows, low(c3, c7), 96);
  v128.store(rows, high(c3, c7), 112);
}

/** A block of 8x8 pixels from its numbers. @param last - place of the last number that is not 0 */
export function transform(block: usize, out: usize, stride: i32, last: i32): void {
  const middle = i8x16.splat(-128);
  if (last == 0) {
    const flat = i16x8.splat(<i16>((<i32>load<i16>(block) + 4) >> 3));
    const value = v128.xor(i8x16.narrow_i16x8_s(flat, flat), middle);
    for (let y = 0; y < 8; y++) v128.store64_lane(out + y * stride, value, 0);
    return;
  }
  half(block, false, 11);
  half(block, true, 11);
  transpose();
  half(rows, false, 18);
  half(rows, true, 18);
  transpose();
  for (let y = 0; y < 8; y++) {
    const values = row(rows, y);
    v128.store64_lane(out + y * stride, v128.xor(i8x16.narrow_i16x8_s(values, values), middle), 0);
  }
}

/** Eight bytes as i16x8. */
@inline
function bytes(place: usize): v128 {
  return v128.load8x8_u(place);
}

/** Twice as many values: each new one is 3 parts of the nearer, 1 of the other. `from` is i16, and its edges repeat. */
@inline
function doubled(from: usize, width: i32, out: usize, roundEven: i32, roundOdd: i32, shift: i32): void {
  store<i16>(from - 2, load<i16>(from));
  store<i16>(from + 2 * width, load<i16>(from + 2 * (width - 1)));
  const even = i16x8.splat(<i16>roundEven);
  const odd = i16x8.splat(<i16>roundOdd);
  for (let x = 0; x < width; x += 8) {
    const at = from + 2 * x;
    const three = i16x8.mul(v128.load(at), i16x8.splat(3));
    const left = i16x8.shr_u(i16x8.add(i16x8.add(three, v128.load(at - 2)), even), shift);
    const right = i16x8.shr_u(i16x8.add(i16x8.add(three, v128.load(at, 2)), odd), shift);
    v128.store(out + 2 * x, v128.or(left, i16x8.shl(right, 8)));
  }
}

/** A row of a color plane as wide as the picture. `isHigh`: `near` counts 3 parts and `far` 1, else only `near`. */
export function upsample(near: usize, far: usize, isHigh: bool, width: i32, work: usize, out: usize): void {
  for (let x = 0; x < width; x += 8) {
    const a = bytes(near + x);
    v128.store(work + 2 * x, isHigh ? i16x8.add(i16x8.mul(a, i16x8.splat(3)), bytes(far + x)) : a);
  }
  if (isHigh) doubled(work, width, out, 8, 7, 4);
  else doubled(work, width, out, 1, 2, 2);
}

/** A row of RGB. */
export function toRgb(luma: usize, blue: usize, red: usize, width: i32, out: usize): void {
  const center = i16x8.splat(128);
  const two = i16x8.splat(2);
  for (let x = 0; x < width; x += 8) {
    const y = bytes(luma + x);
    const cb = i16x8.sub(bytes(blue + x), center);
    const cr = i16x8.sub(bytes(red + x), center);
    const r = i16x8.add(i16x8.add(y, cr), scaled(cr, two, pair(26345, 16384)));
    const b = i16x8.add(i16x8.add(y, i16x8.shl(cb, 1)), scaled(cb, two, pair(-14942, 16384)));
    const g = i16x8.add(i16x8.sub(y, cr), greens(cb, cr));
    const rg = i8x16.narrow_i16x8_u(r, g);
    const bb = i8x16.narrow_i16x8_u(b, b);
    const first = i8x16.shuffle(rg, bb, 0, 8, 16, 1, 9, 17, 2, 10, 18, 3, 11, 19, 4, 12, 20, 5);
    const rest = i8x16.shuffle(rg, bb, 13, 21, 6, 14, 22, 7, 15, 23, 0, 0, 0, 0, 0, 0, 0, 0);
    v128.store(out + 3 * x, first);
    v128.store64_lane(out + 3 * x, rest, 0, 16);
  }
}

@inline
function scaled(a: v128, b: v128, factors: v128): v128 {
  const left = i32x4.shr_s(i32x4.dot_i16x8_s(low(a, b), factors), 16);
  const right = i32x4.shr_s(i32x4.dot_i16x8_s(high(a, b), factors), 16);
  return i16x8.narrow_i32x4_s(left, right);
}

@inline
function greens(cb: v128, cr: v128): v128 {
  const factors = pair(-22554, 18734);
  const round = i32x4.splat(32768);
  const left = i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(low(cb, cr), factors), round), 16);
  const right = i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(high(cb, cr), factors), round), 16);
  return i16x8.narrow_i32x4_s(left, right);
}
