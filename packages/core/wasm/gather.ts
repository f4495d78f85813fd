// Matrix products and convolutions: each row of the result is a sum over taps and channels of a pixel row times packed
// weights, in register tiles.
import { rowsTile6 } from "./tiles";

/** Rows that share one table of pointers; a multiple of the tile's six. */
const CHUNK_ROWS: i32 = 96;

/** Bytes that `gatherRows` wants beside its arguments. */
export function gatherScratch(taps: i32, channels: i32): i32 {
  return 4 * (CHUNK_ROWS * taps + CHUNK_ROWS + 16) + 4 * channels + 64;
}

/**
 * `out[r] = Σ over taps t of source[pixel(r) + offset(t)] · weights[t]`, for rows `begin` to `end`.
 * Row r is the place (n, j, i) of a `[batch, rowsH, rowsW]` grid. Its source pixel is `(j · stepY + originY + tap.y, …)`
 * of `[batch, height, width, channels]`, zeros outside; its result goes to pixel `(j · outStepY + outY, …)` of
 * `[batch, outHeight, outWidth, columns]`.
 */
export function gatherRows(
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
  outHeight: i32,
  outWidth: i32,
  outY: i32,
  outX: i32,
  outStepY: i32,
  outStepX: i32,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const table = scratch;
  const outs = table + 4 * CHUNK_ROWS * taps;
  const waste = outs + 4 * CHUNK_ROWS;
  const zeros = waste + 64;
  memory.fill(zeros, 0, (channels << 2) + 16);
  const pixel = channels << 2;
  const panelBytes = (taps * channels) << 5;
  let i = begin % rowsW;
  let j = (begin / rowsW) % rowsH;
  let n = begin / (rowsW * rowsH);
  for (let first = begin; first < end; first += CHUNK_ROWS) {
    const rows = min(CHUNK_ROWS, end - first);
    const padded = ((rows + 5) / 6) * 6;
    for (let r = 0; r < padded; r++) {
      const slot = r << 2;
      if (r >= rows) {
        for (let tap = 0; tap < taps; tap++) store<usize>(table + ((tap * CHUNK_ROWS) << 2) + slot, zeros);
        store<usize>(outs + slot, waste);
        continue;
      }
      const y = j * stepY + originY;
      const x = i * stepX + originX;
      let entry = table + slot;
      let offset = tapOffsets;
      for (let tap = 0; tap < taps; tap++) {
        const ty = y + load<i32>(offset);
        const tx = x + load<i32>(offset, 4);
        const inside = <u32>ty < <u32>height && <u32>tx < <u32>width;
        store<usize>(entry, inside ? source + ((n * height + ty) * width + tx) * pixel : zeros);
        entry += CHUNK_ROWS << 2;
        offset += 8;
      }
      const target = (n * outHeight + j * outStepY + outY) * outWidth + i * outStepX + outX;
      store<usize>(outs + slot, out + ((target * columns) << 2));
      if (++i == rowsW) {
        i = 0;
        if (++j == rowsH) {
          j = 0;
          n++;
        }
      }
    }
    let panel = panels;
    for (let column = 0; column < columns; column += 8) {
      for (let r = 0; r < padded; r += 6) {
        rowsTile6(table + (r << 2), CHUNK_ROWS << 2, taps, channels, panel, outs + (r << 2), columns - column, false);
      }
      for (let r = 0; r < rows; r++) store<usize>(outs + (r << 2), load<usize>(outs + (r << 2)) + 32);
      panel += panelBytes;
    }
  }
}
