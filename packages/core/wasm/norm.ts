// Batch and layer normalization over `[rows, channels]`, and sums over rows.
import { madd } from "./tiles";

/** Rows that are summed up in float32 before their share joins the total: keeps the rounding error small. */
const BLOCK_ROWS: i32 = 128;

/** `total[c] += Σ over rows x[row][c]`, for channels `begin` to `end`. `part` is room for as many numbers. */
export function addColumnSums(
  x: usize,
  rows: i32,
  channels: i32,
  total: usize,
  begin: i32,
  end: i32,
  part: usize,
): void {
  const stride = channels << 2;
  const bytes = (end - begin) << 2;
  x += begin << 2;
  total += begin << 2;
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const block = min(BLOCK_ROWS, rows - first);
    memory.fill(part, 0, bytes);
    let row = 0;
    for (; row + 4 <= block; row += 4) {
      let c = 0;
      for (; c + 16 <= bytes; c += 16) {
        const low = f32x4.add(v128.load(x + c), v128.load(x + stride + c));
        const high = f32x4.add(v128.load(x + 2 * stride + c), v128.load(x + 3 * stride + c));
        v128.store(part + c, f32x4.add(v128.load(part + c), f32x4.add(low, high)));
      }
      for (; c < bytes; c += 4) {
        const low = load<f32>(x + c) + load<f32>(x + stride + c);
        const high = load<f32>(x + 2 * stride + c) + load<f32>(x + 3 * stride + c);
        store<f32>(part + c, load<f32>(part + c) + (low + high));
      }
      x += 4 * stride;
    }
    for (; row < block; row++) {
      for (let c = 0; c < bytes; c += 4) store<f32>(part + c, load<f32>(part + c) + load<f32>(x + c));
      x += stride;
    }
    for (let c = 0; c < bytes; c += 4) store<f32>(total + c, load<f32>(total + c) + load<f32>(part + c));
  }
}

/** `total[c] += Σ over rows (x[row][c] − mean[c])²`, for channels `begin` to `end`. */
export function addSquaredDistances(
  x: usize,
  mean: usize,
  rows: i32,
  channels: i32,
  total: usize,
  begin: i32,
  end: i32,
  part: usize,
): void {
  const stride = channels << 2;
  const bytes = (end - begin) << 2;
  x += begin << 2;
  mean += begin << 2;
  total += begin << 2;
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const block = min(BLOCK_ROWS, rows - first);
    memory.fill(part, 0, bytes);
    let row = 0;
    for (; row + 2 <= block; row += 2) {
      let c = 0;
      for (; c + 16 <= bytes; c += 16) {
        const m = v128.load(mean + c);
        const a = f32x4.sub(v128.load(x + c), m);
        const b = f32x4.sub(v128.load(x + stride + c), m);
        v128.store(part + c, madd(a, a, madd(b, b, v128.load(part + c))));
      }
      for (; c < bytes; c += 4) {
        const a = load<f32>(x + c) - load<f32>(mean + c);
        const b = load<f32>(x + stride + c) - load<f32>(mean + c);
        store<f32>(part + c, load<f32>(part + c) + (a * a + b * b));
      }
      x += 2 * stride;
    }
    for (; row < block; row++) {
      for (let c = 0; c < bytes; c += 4) {
        const a = load<f32>(x + c) - load<f32>(mean + c);
        store<f32>(part + c, load<f32>(part + c) + a * a);
      }
      x += stride;
    }
    for (let c = 0; c < bytes; c += 4) store<f32>(total + c, load<f32>(total + c) + load<f32>(part + c));
  }
}

/**
 * `sumDy[c] += Σ dy`, `sumDyX[c] += Σ dy · (x − mean[c])`, for channels `begin` to `end`.
 * `part` is room for twice as many numbers.
 */
export function addNormSums(
  x: usize,
  dy: usize,
  mean: usize,
  rows: i32,
  channels: i32,
  sumDy: usize,
  sumDyX: usize,
  begin: i32,
  end: i32,
  part: usize,
): void {
  const stride = channels << 2;
  const bytes = (end - begin) << 2;
  x += begin << 2;
  dy += begin << 2;
  mean += begin << 2;
  sumDy += begin << 2;
  sumDyX += begin << 2;
  const second = part + bytes;
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const block = min(BLOCK_ROWS, rows - first);
    memory.fill(part, 0, 2 * bytes);
    let row = 0;
    for (; row + 2 <= block; row += 2) {
      let c = 0;
      for (; c + 16 <= bytes; c += 16) {
        const m = v128.load(mean + c);
        const a = v128.load(dy + c);
        const b = v128.load(dy + stride + c);
        v128.store(part + c, f32x4.add(v128.load(part + c), f32x4.add(a, b)));
        const xa = f32x4.sub(v128.load(x + c), m);
        const xb = f32x4.sub(v128.load(x + stride + c), m);
        v128.store(second + c, madd(a, xa, madd(b, xb, v128.load(second + c))));
      }
      for (; c < bytes; c += 4) {
        const a = load<f32>(dy + c);
        const b = load<f32>(dy + stride + c);
        store<f32>(part + c, load<f32>(part + c) + (a + b));
        const m = load<f32>(mean + c);
        store<f32>(
          second + c,
          load<f32>(second + c) + (a * (load<f32>(x + c) - m) + b * (load<f32>(x + stride + c) - m)),
        );
      }
      x += 2 * stride;
      dy += 2 * stride;
    }
    for (; row < block; row++) {
      for (let c = 0; c < bytes; c += 4) {
        const a = load<f32>(dy + c);
        store<f32>(part + c, load<f32>(part + c) + a);
        store<f32>(second + c, load<f32>(second + c) + a * (load<f32>(x + c) - load<f32>(mean + c)));
      }
      x += stride;
      dy += stride;
    }
    for (let c = 0; c < bytes; c += 4) {
      store<f32>(sumDy + c, load<f32>(sumDy + c) + load<f32>(part + c));
      store<f32>(sumDyX + c, load<f32>(sumDyX + c) + load<f32>(second + c));
    }
  }
}

/** `out = x · slope[c] + shift[c]`, for rows `begin` to `end`. */
export function scaleShift(
  x: usize,
  slope: usize,
  shift: usize,
  channels: i32,
  out: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const bytes = channels << 2;
  x += begin * bytes;
  out += begin * bytes;
  for (let row = begin; row < end; row++) {
    let c = 0;
    for (; c + 16 <= bytes; c += 16) {
      v128.store(out + c, madd(v128.load(x + c), v128.load(slope + c), v128.load(shift + c)));
    }
    for (; c < bytes; c += 4) store<f32>(out + c, load<f32>(x + c) * load<f32>(slope + c) + load<f32>(shift + c));
    x += bytes;
    out += bytes;
  }
}

/** `out = dy · slopeDy[c] + (x · slopeX[c] + shift[c])`, for rows `begin` to `end`. */
export function scaleShiftTwo(
  x: usize,
  dy: usize,
  slopeX: usize,
  slopeDy: usize,
  shift: usize,
  channels: i32,
  out: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const bytes = channels << 2;
  x += begin * bytes;
  dy += begin * bytes;
  out += begin * bytes;
  for (let row = begin; row < end; row++) {
    let c = 0;
    for (; c + 16 <= bytes; c += 16) {
      const fromX = madd(v128.load(x + c), v128.load(slopeX + c), v128.load(shift + c));
      v128.store(out + c, madd(v128.load(dy + c), v128.load(slopeDy + c), fromX));
    }
    for (; c < bytes; c += 4) {
      const fromX = load<f32>(x + c) * load<f32>(slopeX + c) + load<f32>(shift + c);
      store<f32>(out + c, load<f32>(dy + c) * load<f32>(slopeDy + c) + fromX);
    }
    x += bytes;
    dy += bytes;
    out += bytes;
  }
}
