// Register tiles of the matrix products: the part that decides the speed, so it is written out.
// Six rows by eight columns take twelve accumulators, two numbers of B and one of A: all fifteen usable registers.

/** `a · b + c`; one instruction where the engine has relaxed SIMD. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** Writes, or adds, the first `columns` of eight numbers. */
function writeTile(out: usize, low: v128, high: v128, columns: i32, add: bool): void {
  if (columns >= 8) {
    if (add) {
      low = f32x4.add(low, v128.load(out));
      high = f32x4.add(high, v128.load(out, 16));
    }
    v128.store(out, low);
    v128.store(out, high, 16);
    return;
  }
  let rest = low;
  if (columns >= 4) {
    v128.store(out, add ? f32x4.add(low, v128.load(out)) : low);
    out += 16;
    columns -= 4;
    rest = high;
  }
  if (columns > 0) writeOne(out, f32x4.extract_lane(rest, 0), add);
  if (columns > 1) writeOne(out + 4, f32x4.extract_lane(rest, 1), add);
  if (columns > 2) writeOne(out + 8, f32x4.extract_lane(rest, 2), add);
}

// @ts-ignore: decorator
@inline
function writeOne(out: usize, value: f32, add: bool): void {
  store<f32>(out, add ? load<f32>(out) + value : value);
}

/** 6 rows × 8 columns: rows are found through `table` (per tap, one pointer per row), `b` is one packed panel. */
export function rowsTile6(table: usize, tableStride: usize, taps: i32, channels: i32, b: usize, outs: usize, columns: i32, add: bool): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0);
  let c51 = f32x4.splat(0);
  for (let tap = 0; tap < taps; tap++) {
    let a0 = load<usize>(table, 0);
    let a1 = load<usize>(table, 4);
    let a2 = load<usize>(table, 8);
    let a3 = load<usize>(table, 12);
    let a4 = load<usize>(table, 16);
    let a5 = load<usize>(table, 20);
    table += tableStride;
    let left = channels;
    for (; left >= 2; left -= 2) {
      let b0: v128, b1: v128, a: v128;
      b0 = v128.load(b, 0);
      b1 = v128.load(b, 16);
      a = v128.load32_splat(a0, 0);
      c00 = madd(a, b0, c00);
      c01 = madd(a, b1, c01);
      a = v128.load32_splat(a1, 0);
      c10 = madd(a, b0, c10);
      c11 = madd(a, b1, c11);
      a = v128.load32_splat(a2, 0);
      c20 = madd(a, b0, c20);
      c21 = madd(a, b1, c21);
      a = v128.load32_splat(a3, 0);
      c30 = madd(a, b0, c30);
      c31 = madd(a, b1, c31);
      a = v128.load32_splat(a4, 0);
      c40 = madd(a, b0, c40);
      c41 = madd(a, b1, c41);
      a = v128.load32_splat(a5, 0);
      c50 = madd(a, b0, c50);
      c51 = madd(a, b1, c51);
      b0 = v128.load(b, 32);
      b1 = v128.load(b, 48);
      a = v128.load32_splat(a0, 4);
      c00 = madd(a, b0, c00);
      c01 = madd(a, b1, c01);
      a = v128.load32_splat(a1, 4);
      c10 = madd(a, b0, c10);
      c11 = madd(a, b1, c11);
      a = v128.load32_splat(a2, 4);
      c20 = madd(a, b0, c20);
      c21 = madd(a, b1, c21);
      a = v128.load32_splat(a3, 4);
      c30 = madd(a, b0, c30);
      c31 = madd(a, b1, c31);
      a = v128.load32_splat(a4, 4);
      c40 = madd(a, b0, c40);
      c41 = madd(a, b1, c41);
      a = v128.load32_splat(a5, 4);
      c50 = madd(a, b0, c50);
      c51 = madd(a, b1, c51);
      b += 64;
      a0 += 8;
      a1 += 8;
      a2 += 8;
      a3 += 8;
      a4 += 8;
      a5 += 8;
    }
    for (; left > 0; left--) {
      let b0: v128, b1: v128, a: v128;
      b0 = v128.load(b, 0);
      b1 = v128.load(b, 16);
      a = v128.load32_splat(a0, 0);
      c00 = madd(a, b0, c00);
      c01 = madd(a, b1, c01);
      a = v128.load32_splat(a1, 0);
      c10 = madd(a, b0, c10);
      c11 = madd(a, b1, c11);
      a = v128.load32_splat(a2, 0);
      c20 = madd(a, b0, c20);
      c21 = madd(a, b1, c21);
      a = v128.load32_splat(a3, 0);
      c30 = madd(a, b0, c30);
      c31 = madd(a, b1, c31);
      a = v128.load32_splat(a4, 0);
      c40 = madd(a, b0, c40);
      c41 = madd(a, b1, c41);
      a = v128.load32_splat(a5, 0);
      c50 = madd(a, b0, c50);
      c51 = madd(a, b1, c51);
      b += 32;
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
      a4 += 4;
      a5 += 4;
    }
  }
  writeTile(load<usize>(outs, 0), c00, c01, columns, add);
  writeTile(load<usize>(outs, 4), c10, c11, columns, add);
  writeTile(load<usize>(outs, 8), c20, c21, columns, add);
  writeTile(load<usize>(outs, 12), c30, c31, columns, add);
  writeTile(load<usize>(outs, 16), c40, c41, columns, add);
  writeTile(load<usize>(outs, 20), c50, c51, columns, add);
}

/** 6 × 8 numbers of a sum over samples: `a` holds 6 numbers per sample, `b` is one packed panel. The result is added. */
export function samplesTile6(a: usize, samples: i32, b: usize, out: usize, outStride: usize, columns: i32): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0);
  let c51 = f32x4.splat(0);
  let left = samples;
  for (; left >= 2; left -= 2) {
    let b0: v128, b1: v128, x: v128;
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    x = v128.load32_splat(a, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    x = v128.load32_splat(a, 16);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    x = v128.load32_splat(a, 20);
    c50 = madd(x, b0, c50);
    c51 = madd(x, b1, c51);
    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    x = v128.load32_splat(a, 24);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 28);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 32);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 36);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    x = v128.load32_splat(a, 40);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    x = v128.load32_splat(a, 44);
    c50 = madd(x, b0, c50);
    c51 = madd(x, b1, c51);
    a += 48;
    b += 64;
  }
  if (left > 0) {
    let b0: v128, b1: v128, x: v128;
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    x = v128.load32_splat(a, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    x = v128.load32_splat(a, 16);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    x = v128.load32_splat(a, 20);
    c50 = madd(x, b0, c50);
    c51 = madd(x, b1, c51);
  }
  writeTile(out, c00, c01, columns, true);
  out += outStride;
  writeTile(out, c10, c11, columns, true);
  out += outStride;
  writeTile(out, c20, c21, columns, true);
  out += outStride;
  writeTile(out, c30, c31, columns, true);
  out += outStride;
  writeTile(out, c40, c41, columns, true);
  out += outStride;
  writeTile(out, c50, c51, columns, true);
}

/** 4 × 8 numbers of a sum over samples: `a` holds 4 numbers per sample, `b` is one packed panel. The result is added. */
export function samplesTile4(a: usize, samples: i32, b: usize, out: usize, outStride: usize, columns: i32): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let left = samples;
  for (; left >= 2; left -= 2) {
    let b0: v128, b1: v128, x: v128;
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    x = v128.load32_splat(a, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    x = v128.load32_splat(a, 16);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 20);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 24);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 28);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    a += 32;
    b += 64;
  }
  if (left > 0) {
    let b0: v128, b1: v128, x: v128;
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    x = v128.load32_splat(a, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
  }
  writeTile(out, c00, c01, columns, true);
  out += outStride;
  writeTile(out, c10, c11, columns, true);
  out += outStride;
  writeTile(out, c20, c21, columns, true);
  out += outStride;
  writeTile(out, c30, c31, columns, true);
}

/** 1 × 8 numbers of a sum over samples: `a` holds 1 numbers per sample, `b` is one packed panel. The result is added. */
export function samplesTile1(a: usize, samples: i32, b: usize, out: usize, outStride: usize, columns: i32): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let left = samples;
  for (; left >= 2; left -= 2) {
    let b0: v128, b1: v128, x: v128;
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    x = v128.load32_splat(a, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    x = v128.load32_splat(a, 4);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    a += 8;
    b += 64;
  }
  if (left > 0) {
    let b0: v128, b1: v128, x: v128;
    b0 = v128.load(b, 0);
    b1 = v128.load(b, 16);
    x = v128.load32_splat(a, 0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
  }
  writeTile(out, c00, c01, columns, true);
}
