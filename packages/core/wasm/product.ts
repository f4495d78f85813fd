// Matrix products and convolutions, all made of two loops over the register tiles:
// `gatherRows`: each row of the result is a sum over taps and channels of a pixel row times packed weights;
// `sumSamples`: each row of the result is a sum over samples (pixels, batch rows), as gradients of weights are.
import { rowsTile6, samplesTile1, samplesTile4, samplesTile6 } from "./tiles";

/** Rows that share one table of pointers; a multiple of the tile's six. */
const CHUNK_ROWS: i32 = 96;
/** The most samples that are summed up before their share is added to the result. */
const CHUNK_SAMPLES: i32 = 256;
/** The same where samples lie far apart: each takes a page of its own. */
const CHUNK_FAR_SAMPLES: i32 = 64;

/** Bytes that `gatherRows` wants beside its arguments. */
export function gatherScratch(taps: i32, channels: i32): i32 {
  return 4 * (CHUNK_ROWS * taps + CHUNK_ROWS + 16) + 4 * channels + 64;
}

/** Bytes that `sumSamples` wants beside its arguments. */
export function samplesScratch(taps: i32, channels: i32, columns: i32): i32 {
  return 4 * CHUNK_SAMPLES * (taps + 6 + ((columns + 7) & ~7)) + 4 * channels + 192;
}

/**
 * Packs a `[rows, columns]` matrix, given by the strides of its axes in numbers, into panels of eight columns,
 * zeros beyond the last. `panelStride` is the distance between panels, in bytes.
 */
export function pack(
  from: usize,
  rows: i32,
  columns: i32,
  rowStride: i32,
  columnStride: i32,
  to: usize,
  panelStride: i32,
): void {
  for (let column = 0; column < columns; column += 8) {
    const width = min(8, columns - column);
    let source = from + ((column * columnStride) << 2);
    let target = to;
    if (columnStride == 1 && width == 8) {
      for (let row = 0; row < rows; row++) {
        v128.store(target, v128.load(source));
        v128.store(target, v128.load(source, 16), 16);
        source += rowStride << 2;
        target += 32;
      }
    } else {
      let row = 0;
      if (rowStride == 1 && width == 8) {
        const step = columnStride << 2;
        for (; row + 4 <= rows; row += 4) {
          turnFour(source, step, target);
          turnFour(source + 4 * step, step, target + 16);
          source += 16;
          target += 128;
        }
      }
      for (; row < rows; row++) {
        let at = source;
        for (let i = 0; i < width; i++) {
          store<f32>(target + (i << 2), load<f32>(at));
          at += columnStride << 2;
        }
        for (let i = width; i < 8; i++) store<f32>(target + (i << 2), 0);
        source += rowStride << 2;
        target += 32;
      }
    }
    to += panelStride;
  }
}

/** Four numbers of each of four columns, `step` bytes apart, become four rows of a panel. */
function turnFour(from: usize, step: i32, to: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + step);
  const c = v128.load(from + 2 * step);
  const d = v128.load(from + 3 * step);
  const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), 96);
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

/**
 * `out[t · channels + c] += Σ over places r of source[pixel(r) + offset(t)][c] · right[r]`, for places `firstPlace` to
 * `endPlace` of the grid that `gatherRows` knows, and for rows `begin` to `end` of `out`; `right` is
 * `[batch · rowsH · rowsW, columns]`. The caller clears `out`.
 */
export function sumSamples(
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
  right: usize,
  rightRowStride: i32,
  rightColumnStride: i32,
  columns: i32,
  out: usize,
  firstPlace: i32,
  endPlace: i32,
  begin: i32,
  end: i32,
  scratch: usize,
): void {
  const table = scratch;
  const panels = table + 4 * CHUNK_SAMPLES * taps;
  const zeros = panels + 4 * CHUNK_SAMPLES * ((columns + 7) & ~7);
  const tile = zeros + (channels << 2) + 32;
  memory.fill(zeros, 0, (channels << 2) + 32);
  const pixel = channels << 2;
  const outStride = columns << 2;
  let i = firstPlace % rowsW;
  let j = (firstPlace / rowsW) % rowsH;
  let n = firstPlace / (rowsW * rowsH);
  const firstTap = begin / channels;
  const endTap = (end + channels - 1) / channels;
  const chunk = channels >= 512 ? CHUNK_FAR_SAMPLES : CHUNK_SAMPLES;
  for (let first = firstPlace; first < endPlace; first += chunk) {
    const samples = min(chunk, endPlace - first);
    const panelBytes = samples << 5;
    pack(
      right + ((first * rightRowStride) << 2),
      samples,
      columns,
      rightRowStride,
      rightColumnStride,
      panels,
      panelBytes,
    );
    for (let s = 0; s < samples; s++) {
      const y = j * stepY + originY;
      const x = i * stepX + originX;
      let entry = table + ((firstTap * CHUNK_SAMPLES + s) << 2);
      let offset = tapOffsets + (firstTap << 3);
      for (let tap = firstTap; tap < endTap; tap++) {
        const ty = y + load<i32>(offset);
        const tx = x + load<i32>(offset, 4);
        const inside = <u32>ty < <u32>height && <u32>tx < <u32>width;
        store<usize>(entry, inside ? source + ((n * height + ty) * width + tx) * pixel : zeros);
        entry += CHUNK_SAMPLES << 2;
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
    for (let tap = firstTap; tap < endTap; tap++) {
      const entries = table + ((tap * CHUNK_SAMPLES) << 2);
      let channel = max(0, begin - tap * channels);
      const endChannel = min(channels, end - tap * channels);
      while (channel < endChannel) {
        const left = endChannel - channel;
        const step = left >= 6 ? 6 : left >= 4 ? 4 : 1;
        collect(entries, channel << 2, samples, step, tile);
        let target = out + (((tap * channels + channel) * columns) << 2);
        let panel = panels;
        for (let column = 0; column < columns; column += 8) {
          if (step == 6) samplesTile6(tile, samples, panel, target, outStride, columns - column);
          else if (step == 4) samplesTile4(tile, samples, panel, target, outStride, columns - column);
          else samplesTile1(tile, samples, panel, target, outStride, columns - column);
          panel += panelBytes;
          target += 32;
        }
        channel += step;
      }
    }
  }
}

/** Copies `count` (1, 4 or 6) numbers of every sample side by side: they lie a power of two apart, which caches hate. */
function collect(entries: usize, offset: usize, samples: i32, count: i32, to: usize): void {
  for (let s = 0; s < samples; s++) {
    const from = load<usize>(entries) + offset;
    entries += 4;
    if (count == 1) {
      store<f32>(to, load<f32>(from));
      to += 4;
      continue;
    }
    v128.store(to, v128.load(from));
    if (count == 6) {
      store<u64>(to, load<u64>(from, 16), 16);
      to += 24;
    } else {
      to += 16;
    }
  }
}

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
