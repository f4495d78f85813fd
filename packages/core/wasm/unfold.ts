// Convolutions of few channels, whose taps are copied side by side first.
import { gatherRows, gatherScratch } from "./gather";

/**
 * Copies the taps' pixels of places `begin` to `end` side by side, `[places, taps · channels]`; those of `firstPlace`
 * go to `out`.
 */
export function unfold(
  source: usize,
  height: i32,
  width: i32,
  channels: i32,
  rowsH: i32,
  rowsW: i32,
  stepY: i32,
  stepX: i32,
  originY: i32,
  originX: i32,
  tapOffsets: usize,
  taps: i32,
  out: usize,
  firstPlace: i32,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  out += ((begin - firstPlace) * taps * channels) << 2;
  let i = begin % rowsW;
  let j = (begin / rowsW) % rowsH;
  let n = begin / (rowsW * rowsH);
  for (let row = begin; row < end; row++) {
    const y = j * stepY + originY;
    const x = i * stepX + originX;
    let offset = tapOffsets;
    for (let tap = 0; tap < taps; tap++) {
      const ty = y + load<i32>(offset);
      const tx = x + load<i32>(offset, 4);
      const inside = <u32>ty < <u32>height && <u32>tx < <u32>width;
      let from = source + ((((n * height + ty) * width + tx) * channels) << 2);
      for (let c = 0; c < channels; c++) {
        store<f32>(out, inside ? load<f32>(from) : 0);
        out += 4;
        from += 4;
      }
      offset += 8;
    }
    if (++i == rowsW) {
      i = 0;
      if (++j == rowsH) {
        j = 0;
        n++;
      }
    }
  }
}

/** Places unfolded at a time by `gatherUnfolded`; a multiple of the rows that share a table. */
const UNFOLD_PLACES: i32 = 960;

/** Bytes that `gatherUnfolded` wants beside its arguments. */
export function unfoldScratch(taps: i32, channels: i32): i32 {
  return 64 + 4 * UNFOLD_PLACES * taps * channels + gatherScratch(1, taps * channels);
}

/** `gatherRows` for so few channels that copying the taps' pixels side by side first pays. `out` is dense. */
export function gatherUnfolded(
  source: usize,
  height: i32,
  width: i32,
  channels: i32,
  rowsH: i32,
  rowsW: i32,
  stepY: i32,
  stepX: i32,
  originY: i32,
  originX: i32,
  tapOffsets: usize,
  taps: i32,
  panels: usize,
  columns: i32,
  out: usize,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const depth = taps * channels;
  const unfolded = scratch + 64;
  const rest = unfolded + ((UNFOLD_PLACES * depth) << 2);
  store<u64>(scratch, 0);
  for (let first = begin; first < end; first += UNFOLD_PLACES) {
    const last = min(first + UNFOLD_PLACES, end);
    unfold(
      source,
      height,
      width,
      channels,
      rowsH,
      rowsW,
      stepY,
      stepX,
      originY,
      originX,
      tapOffsets,
      taps,
      unfolded,
      first,
      first,
      last,
      0,
    );
    const target = out + ((first * columns) << 2);
    const count = last - first;
    gatherRows(unfolded, 1, 1, depth, 1, 1, 1, 1, 0, 0, scratch, 1, panels, columns, target, 1, 1, 0, 0, 1, 1, 0, count, rest);
  }
}
