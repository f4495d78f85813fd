// Loops over flat arrays: gradients of activations, dropout, rows by index, optimizer steps.

/** `out = y > 0 ? dy : 0`, and 0 where `y ≥ limit` (ReLU6; infinity for ReLU). */
export function reluGrad(dy: usize, y: usize, limit: f32, size: i32, out: usize): void {
  const zero = f32x4.splat(0);
  const top = f32x4.splat(limit);
  let i = 0;
  for (; i + 4 <= size; i += 4) {
    const value = v128.load(y);
    const open = v128.and(f32x4.gt(value, zero), f32x4.lt(value, top));
    v128.store(out, v128.and(v128.load(dy), open));
    dy += 16;
    y += 16;
    out += 16;
  }
  for (; i < size; i++) {
    const value = load<f32>(y);
    store<f32>(out, value > 0 && value < limit ? load<f32>(dy) : 0);
    dy += 4;
    y += 4;
    out += 4;
  }
}

// @ts-ignore: decorator
@inline
function mix(x: u32): u32 {
  x = (x ^ (x >>> 16)) * 0x7feb352d;
  x = (x ^ (x >>> 15)) * 0x846ca68b;
  return x ^ (x >>> 16);
}

// @ts-ignore: decorator
@inline
function mix4(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x7feb352d));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** Keeps number `i`, scaled, where the draw of its position is at least `limit`. */
export function dropout(x: usize, size: i32, keyA: u32, keyB: u32, limit: u32, scale: f32, out: usize): void {
  let i = 0;
  const floor = i32x4.splat(limit);
  const factor = f32x4.splat(scale);
  for (; i + 4 <= size; i += 4) {
    const position = i32x4.add(i32x4.splat(i + keyA), i32x4(0, 1, 2, 3));
    const draw = mix4(v128.xor(mix4(position), i32x4.splat(keyB)));
    const kept = i32x4.ge_u(draw, floor);
    v128.store(out, v128.and(kept, f32x4.mul(v128.load(x), factor)));
    x += 16;
    out += 16;
  }
  for (; i < size; i++) {
    const draw = mix(mix(i + keyA) ^ keyB);
    store<f32>(out, draw >= limit ? load<f32>(x) * scale : 0);
    x += 4;
    out += 4;
  }
}

/** `out[ids[r]] += x[r]` for rows of `width` numbers; ids outside 0…limit−1 are passed by. */
export function addRows(x: usize, ids: usize, rows: i32, width: i32, limit: i32, out: usize): void {
  const bytes = width << 2;
  for (let row = 0; row < rows; row++) {
    const id = load<i32>(ids);
    ids += 4;
    if (<u32>id < <u32>limit) {
      const target = out + id * bytes;
      let c = 0;
      for (; c + 16 <= bytes; c += 16) v128.store(target + c, f32x4.add(v128.load(target + c), v128.load(x + c)));
      for (; c < bytes; c += 4) store<f32>(target + c, load<f32>(target + c) + load<f32>(x + c));
    }
    x += bytes;
  }
}
