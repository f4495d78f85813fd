// Gradients of weights: each row of the result is a sum over samples (pixels, batch rows), in register tiles.
import { pack } from "./pack";
import { samplesTile1, samplesTile4, samplesTile6 } from "./tiles";

/** The most samples that are summed up before their share is added to the result. */
const CHUNK_SAMPLES: i32 = 256;
/** The same where samples lie far apart: each takes a page of its own. */
const CHUNK_FAR_SAMPLES: i32 = 64;

/** Bytes that `sumSamples` wants beside its arguments. */
export function samplesScratch(taps: i32, channels: i32, columns: i32): i32 {
  return 4 * CHUNK_SAMPLES * (taps + 6 + ((columns + 7) & ~7)) + 4 * channels + 192;
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
