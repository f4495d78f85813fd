/** A tensor from a file, as plain values. */
export interface FileTensor {
  shape: number[];
  dtype: "float32" | "int32" | "bool";
  values: Float32Array | Int32Array | Uint8Array;
}

/** How numbers lie in a file, by the names that safetensors uses; all little-endian. */
export type FileDtype = "F64" | "F32" | "F16" | "BF16" | "I64" | "I32" | "I16" | "I8" | "U8" | "BOOL";

export const BYTES: Readonly<Record<FileDtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

export function isFileDtype(name: unknown): name is FileDtype {
  return typeof name === "string" && Object.hasOwn(BYTES, name);
}

/**
 * Numbers of a file as ours: floats of any width as float32, integers as int32.
 * @returns undefined if a 64-bit integer does not fit int32
 */
export function decodeNumbers(dtype: FileDtype, bytes: ArrayBuffer): Pick<FileTensor, "dtype" | "values"> | undefined {
  switch (dtype) {
    case "F32":
      return { dtype: "float32", values: new Float32Array(bytes) };
    case "F64":
      return { dtype: "float32", values: Float32Array.from(new Float64Array(bytes)) };
    case "F16":
      return { dtype: "float32", values: Float32Array.from(new Uint16Array(bytes), halfToFloat) };
    case "BF16":
      return { dtype: "float32", values: bfloatToFloat(new Uint16Array(bytes)) };
    case "I32":
      return { dtype: "int32", values: new Int32Array(bytes) };
    case "I64": {
      const values = longToInt(new Int32Array(bytes));
      return values && { dtype: "int32", values };
    }
    case "I16":
      return { dtype: "int32", values: Int32Array.from(new Int16Array(bytes)) };
    case "I8":
      return { dtype: "int32", values: Int32Array.from(new Int8Array(bytes)) };
    case "U8":
      return { dtype: "int32", values: Int32Array.from(new Uint8Array(bytes)) };
    case "BOOL":
      return { dtype: "bool", values: new Uint8Array(bytes) };
  }
}

/** The IEEE half with these 16 bits. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A bfloat16 is the upper half of a float32. */
function bfloatToFloat(bits: Uint16Array): Float32Array {
  const words = Uint32Array.from(bits, (b) => b << 16);
  return new Float32Array(words.buffer);
}

function longToInt(words: Int32Array): Int32Array | undefined {
  const values = new Int32Array(words.length / 2);
  for (let i = 0; i < values.length; i++) {
    const low = words[2 * i]!;
    if (words[2 * i + 1] !== low >> 31) return undefined; // the upper half is more than the sign
    values[i] = low;
  }
  return values;
}
