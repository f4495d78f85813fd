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
