// The tables that symbols of a JPEG file are looked up in.

// A Huffman table: symbols u8[256], then i32 first[17], i32 count[17], then for the next
// LOOK bits u16 (length << 8 | symbol) or 0, then for AC i32 (value << 16 | run << 8 | length) or 0.
export const LOOK: i32 = 10;
export const FIRST: usize = 256;
export const COUNT: usize = FIRST + 17 * 4;
export const SHORT: usize = 512;
export const FAST: usize = SHORT + (2 << LOOK);
export const TABLE: usize = FAST + (4 << LOOK);

/** Reads tables from a segment of the file into their places: four for DC, then four for AC. @returns whether they are sound */
export function readHuffman(tables: usize, body: usize, next: usize): bool {
  while (body < next) {
    const head = load<u8>(body);
    const kind = head >> 4;
    const symbols = body + 17;
    if (kind > 1 || (head & 15) > 3 || symbols > next) return false;
    const table = tables + TABLE * (4 * kind + (head & 15));
    memory.fill(table, 0, TABLE);
    let code = 0;
    let total: usize = 0;
    for (let length = 1; length <= 16; length++) {
      const n = <i32>load<u8>(body + length);
      if (symbols + total + n > next || total + n > 256 || code + n > 1 << length) return false;
      store<i32>(table + 4 * length, code - <i32>total, FIRST); // a code's symbol is at code - first
      store<i32>(table + 4 * length, code + n, COUNT);
      for (let i = 0; i < n; i++) {
        const symbol = load<u8>(symbols + total);
        store<u8>(table + total++, symbol);
        if (length <= LOOK) fillLook(table, code + i, length, symbol);
      }
      code = (code + n) << 1;
    }
    body = symbols + total;
  }
  return true;
}

/** All rows of the look-up tables that start with a code. */
function fillLook(table: usize, code: i32, length: i32, symbol: u8): void {
  const spare = LOOK - length;
  const size = <i32>symbol & 15;
  for (let rest = 0; rest < 1 << spare; rest++) {
    const row = (code << spare) | rest;
    store<u16>(table + 2 * row, <u16>((length << 8) | symbol), SHORT);
    if (size == 0 || size > spare) continue;
    const value = signed(rest >> (spare - size), size);
    store<i32>(table + 4 * row, (value << 16) | ((<i32>symbol >> 4) << 8) | (length + size), FAST);
  }
}

/** The number that `size` bits stand for. */
@inline
export function signed(value: i32, size: i32): i32 {
  return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
}
