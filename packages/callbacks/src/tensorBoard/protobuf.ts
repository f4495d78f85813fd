/** One field of a protocol buffer message, encoded. */
export type Field = Uint8Array;

/** A message, or the content of one, from its fields. */
export function message(...fields: readonly Field[]): Uint8Array {
  const all = new Uint8Array(fields.reduce((size, field) => size + field.length, 0));
  let at = 0;
  for (const field of fields) {
    all.set(field, at);
    at += field.length;
  }
  return all;
}

/** A whole number of 0 or more: seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

const tag = (field: number, wireType: number): number[] => varint(field * 8 + wireType);

export function uintField(field: number, value: number): Field {
  return Uint8Array.from([...tag(field, 0), ...varint(value)]);
}

export function doubleField(field: number, value: number): Field {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return message(Uint8Array.from(tag(field, 1)), bytes);
}

export function floatField(field: number, value: number): Field {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return message(Uint8Array.from(tag(field, 5)), bytes);
}

/** Bytes, text or a message within. */
export function bytesField(field: number, value: Uint8Array | string): Field {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return message(Uint8Array.from([...tag(field, 2), ...varint(bytes.length)]), bytes);
}

/** A list of doubles, packed. */
export function doublesField(field: number, values: readonly number[]): Field {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setFloat64(8 * i, value, true);
  return bytesField(field, bytes);
}
