import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect } from "vitest";
import { useBackend } from "../packages/core/src/backend/index.ts";

type Numbers = ArrayLike<number> | tf.Tensor | number | readonly Numbers[];

interface Tolerance {
  rtol?: number;
  atol?: number;
}

interface AllcloseMatchers<R = unknown> {
  /** Element by element `|a - b| <= atol + rtol * |b|`; NaN equals NaN. Defaults: rtol 1e-5, atol 1e-6. */
  toBeAllclose(expected: Numbers, tolerance?: Tolerance): R;
}

declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: vitest declares it so, and merging asks for the same
  interface Matchers<T = any> extends AllcloseMatchers<T> {}
}

function flatten(x: Numbers): number[] {
  if (typeof x === "number") return [x];
  if (x instanceof tf.Tensor) return Array.from(x.dataSync());
  return Array.from(x as ArrayLike<number | Numbers>).flatMap((v) => (typeof v === "number" ? [v] : flatten(v)));
}

expect.extend({
  toBeAllclose(received: Numbers, expected: Numbers, { rtol = 1e-5, atol = 1e-6 }: Tolerance = {}) {
    const a = flatten(received);
    const b = flatten(expected);
    if (a.length !== b.length) {
      return { pass: false, message: () => `got ${a.length} numbers, expected ${b.length}` };
    }
    let worst = -1;
    let excess = 0;
    for (let i = 0; i < a.length; i++) {
      const [x, y] = [a[i]!, b[i]!];
      if (Object.is(x, y) || x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
      const over = Math.abs(x - y) - (atol + rtol * Math.abs(y));
      if (!(over <= 0) && !(over <= excess)) {
        worst = i;
        excess = over;
      }
    }
    return {
      pass: worst < 0,
      message: () =>
        worst < 0
          ? "every number is close"
          : `at ${worst} of ${a.length}: got ${a[worst]}, expected ${b[worst]} (rtol ${rtol}, atol ${atol})`,
    };
  },
});

// The same backend on every machine; LAYERWISE_BACKEND=wasm runs the tests on another.
process.env.LAYERWISE_BACKEND ??= "cpu";

beforeAll(async () => {
  await useBackend();
});
