// Whole numbers as floats: tfjs' kernel goes through JavaScript, number by number where memory is shared.

export function toFloat(x: usize, size: i32, out: usize): void {
  let i = 0;
  for (; i + 4 <= size; i += 4) v128.store(out + 4 * i, f32x4.convert_i32x4_s(v128.load(x + 4 * i)));
  for (; i < size; i++) store<f32>(out + 4 * i, <f32>load<i32>(x + 4 * i));
}
