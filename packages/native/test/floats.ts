import type * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { on } from "./backends.ts";

/** Floats where functions go wrong. */
export const specials = Float32Array.of(
  ...[0, -0, 1, -1, Infinity, -Infinity, NaN, 1e-45, -1e-45, 1.1754944e-38, -1e-38, 3.4028235e38, -3.4028235e38],
);

/** Numbers over all of float32, alike in their exponents, and the special ones. */
export function floatsAnywhere(count: number): Float32Array {
  const bits = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * 2 ** 32) / count) + ((i * 7919) % 4096));
  const usual = Float32Array.from({ length: count / 4 }, (_, i) => (i / (count / 8) - 1) * 20);
  return Float32Array.of(...specials, ...new Float32Array(bits.buffer), ...usual);
}

/** How far a float is from a number, in units of the number's last place as a float. Signs of zeros count. */
export function ulpsApart(got: number, want: number): number {
  const rounded = Math.fround(want);
  if (Object.is(got, rounded)) return 0;
  if (!Number.isFinite(rounded) || !Number.isFinite(got)) return Infinity;
  if (rounded === 0 && got === 0) return Infinity;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(rounded) || 1e-45)), -126);
  return Math.abs(got - want) / 2 ** (exponent - 23);
}

/** Holds the native kernels to exactly the numbers, and types, that plain JS computes; 0 and -0 are one. */
export async function expectEqual(make: () => tf.Tensor[]): Promise<void> {
  const types: string[][] = [];
  const recorded = () => {
    const made = make();
    types.push(made.map(({ dtype, shape }) => `${dtype} [${shape}]`));
    return made;
  };
  const [want, got] = [await on("cpu", recorded), await on("native", recorded)];
  expect(types[1]).toEqual(types[0]);
  for (const [k, values] of got.entries()) {
    expect(values.length).toBe(want[k]!.length);
    for (let i = 0; i < values.length; i++) {
      const [x, y] = [values[i]!, want[k]![i]!];
      if (x !== y && !(Number.isNaN(x) && Number.isNaN(y))) expect.fail(`output ${k} at ${i}: ${x}, not ${y}`);
    }
  }
}
