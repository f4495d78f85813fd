// Gradients of pooling, NHWC. The caller clears `dx`.

/** Adds every `dy` to the place of its window's first maximum. */
export function maxPoolGrad(
  x: usize, dy: usize, batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  filterY: i32, filterX: i32, stepY: i32, stepX: i32, dilationY: i32, dilationX: i32, padTop: i32, padLeft: i32, dx: usize,
): void {
  const pixel = channels << 2;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        const top = oy * stepY - padTop;
        const left = ox * stepX - padLeft;
        let c = 0;
        for (; c + 16 <= pixel; c += 16) {
          let best = f32x4.splat(-Infinity);
          let where = i32x4.splat(-1);
          for (let ky = 0; ky < filterY; ky++) {
            const y = top + ky * dilationY;
            if (<u32>y >= <u32>height) continue;
            for (let kx = 0; kx < filterX; kx++) {
              const column = left + kx * dilationX;
              if (<u32>column >= <u32>width) continue;
              const at = ((n * height + y) * width + column) * pixel + c;
              const value = v128.load(x + at);
              // a first value counts even if it is -Infinity
              const better = v128.or(f32x4.gt(value, best), i32x4.eq(where, i32x4.splat(-1)));
              best = v128.bitselect(value, best, better);
              where = v128.bitselect(i32x4.splat(at), where, better);
            }
          }
          const slope = v128.load(dy + c);
          add(dx, i32x4.extract_lane(where, 0), f32x4.extract_lane(slope, 0));
          add(dx + 4, i32x4.extract_lane(where, 1), f32x4.extract_lane(slope, 1));
          add(dx + 8, i32x4.extract_lane(where, 2), f32x4.extract_lane(slope, 2));
          add(dx + 12, i32x4.extract_lane(where, 3), f32x4.extract_lane(slope, 3));
        }
        for (; c < pixel; c += 4) {
          let best: f32 = -Infinity;
          let where = -1;
          for (let ky = 0; ky < filterY; ky++) {
            const y = top + ky * dilationY;
            if (<u32>y >= <u32>height) continue;
            for (let kx = 0; kx < filterX; kx++) {
              const column = left + kx * dilationX;
              if (<u32>column >= <u32>width) continue;
              const at = ((n * height + y) * width + column) * pixel + c;
              const value = load<f32>(x + at);
              if (value > best || where == -1) {
                best = value;
                where = at;
              }
            }
          }
          add(dx, where, load<f32>(dy + c));
        }
        dy += pixel;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function add(base: usize, at: i32, value: f32): void {
  if (at != -1) store<f32>(base + at, load<f32>(base + at) + value);
}

/** Spreads every `dy`, times `factor`, over its window. */
export function avgPoolGrad(
  dy: usize, factor: f32, batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  filterY: i32, filterX: i32, stepY: i32, stepX: i32, dilationY: i32, dilationX: i32, padTop: i32, padLeft: i32, dx: usize,
): void {
  const pixel = channels << 2;
  const factors = f32x4.splat(factor);
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        for (let ky = 0; ky < filterY; ky++) {
          const y = oy * stepY - padTop + ky * dilationY;
          if (<u32>y >= <u32>height) continue;
          for (let kx = 0; kx < filterX; kx++) {
            const column = ox * stepX - padLeft + kx * dilationX;
            if (<u32>column >= <u32>width) continue;
            const target = dx + ((n * height + y) * width + column) * pixel;
            let c = 0;
            for (; c + 16 <= pixel; c += 16) {
              const share = f32x4.mul(v128.load(dy + c), factors);
              v128.store(target + c, f32x4.add(v128.load(target + c), share));
            }
            for (; c < pixel; c += 4) store<f32>(target + c, load<f32>(target + c) + load<f32>(dy + c) * factor);
          }
        }
        dy += pixel;
      }
    }
  }
}
