import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSameBits, numbers, on, wholeNumbers } from "./backends.ts";
import { expectEqual } from "./floats.ts";

const shapes = fc
  .array(fc.constantFrom(0, 1, 2, 3, 4, 5, 8, 17, 33, 2, 3), { minLength: 1, maxLength: 5 })
  .filter((shape) => tf.util.sizeFromShape(shape) < 6000);

/** Numbers of each type. */
const ofTypes = (shape: number[]): tf.Tensor[] => {
  const whole = wholeNumbers(shape, 100);
  return [numbers(shape), whole, tf.cast(tf.mod(whole, 2), "bool")];
};

/** Whole numbers up to `max` for each axis. */
const forAxes = (shape: number[], max: number) =>
  fc.array(fc.integer({ min: 0, max }), { minLength: shape.length, maxLength: shape.length });

const settings = { numRuns: 60 };

describe("data movement", () => {
  test("transposes any shape in any order", async () => {
    const orders = shapes.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        perm: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(orders, ({ shape, perm }) =>
        expectEqual(() => ofTypes(shape).map((x) => tf.transpose(x, perm))),
      ),
      settings,
    );
  });

  test("slices and splits", async () => {
    const parts = shapes.chain((shape) => fc.tuple(fc.constant(shape), forAxes(shape, 9), forAxes(shape, 9)));
    await fc.assert(
      fc.asyncProperty(parts, ([shape, a, b]) => {
        const begin = shape.map((size, i) => a[i]! % (size + 1));
        const size = shape.map((whole, i) => b[i]! % (whole - begin[i]! + 1));
        return expectEqual(() =>
          ofTypes(shape).flatMap((x) => [
            tf.slice(x, begin, size),
            ...tf.split(x, [shape[0]!, 0], 0),
            ...tf.unstack(x, -1),
          ]),
        );
      }),
      settings,
    );
  });

  test("slices with strides, backwards too", async () => {
    const parts = shapes.chain((shape) =>
      fc.tuple(fc.constant(shape), forAxes(shape, 40), forAxes(shape, 40), forAxes(shape, 5)),
    );
    await fc.assert(
      fc.asyncProperty(parts, ([shape, a, b, c]) => {
        const strides = c.map((stride) => [1, 2, 3, -1, -2, -3][stride]!);
        const ends = shape.map((size, i) => [a[i]! % (size + 1), b[i]! % (size + 1)].sort((x, y) => x - y));
        const begin = ends.map((pair, i) => pair[strides[i]! > 0 ? 0 : 1]!);
        const end = ends.map((pair, i) => pair[strides[i]! > 0 ? 1 : 0]!);
        return expectEqual(() => ofTypes(shape).map((x) => tf.stridedSlice(x, begin, end, strides)));
      }),
      settings,
    );
  });

  test("joins, stacks, reverses", async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.nat(9), (shape, number) => {
        const axis = number % shape.length;
        const wider = shape.map((size, i) => (i === axis ? size + 2 : size));
        return expectEqual(() => {
          const [some, more] = [ofTypes(shape), ofTypes(wider)];
          return some.flatMap((x, i) => [
            tf.concat([x, more[i]!, x], axis),
            tf.stack([x, x, x], axis),
            tf.reverse(x, [axis, 0].slice(0, axis === 0 ? 1 : 2)),
          ]);
        });
      }),
      settings,
    );
  });

  test("pads, mirrors and tiles", async () => {
    const frames = shapes
      .filter((shape) => tf.util.sizeFromShape(shape) < 300)
      .chain((shape) => fc.tuple(fc.constant(shape), forAxes(shape, 2), forAxes(shape, 3)));
    await fc.assert(
      fc.asyncProperty(frames, ([shape, a, b]) =>
        expectEqual(() =>
          ofTypes(shape).flatMap((x) => {
            const paddings = shape.map((_, i) => [a[i]!, b[i]!] as [number, number]);
            const inside = shape.map(
              (size, i) => [Math.min(a[i]!, size - 1), Math.min(b[i]!, size - 1)] as [number, number],
            );
            const mirrored = shape.includes(0)
              ? []
              : [tf.mirrorPad(x, inside, "reflect"), tf.mirrorPad(x, inside, "symmetric")];
            return [tf.pad(x, paddings, 1), tf.tile(x, b), ...mirrored];
          }),
        ),
      ),
      settings,
    );
  });

  test("moves blocks between space, batch and depth", async () => {
    await expectEqual(() =>
      ofTypes([4, 6, 5, 8]).flatMap((x) => [
        tf.spaceToBatchND(
          x,
          [2, 3],
          [
            [1, 1],
            [0, 1],
          ],
        ),
        tf.batchToSpaceND(
          x,
          [2, 2],
          [
            [1, 2],
            [0, 1],
          ],
        ),
      ]),
    );
  });

  test("moves depth to space", async () => {
    await expectEqual(() => [tf.depthToSpace(numbers([2, 3, 5, 12]) as tf.Tensor4D, 2)]);
  });

  test("large tensors have the same bits on any number of threads, and are what was asked for", async () => {
    const make = () => {
      const x = numbers([100, 30, 101]);
      return [
        tf.transpose(x, [2, 0, 1]),
        tf.transpose(x, [0, 2, 1]),
        tf.pad(x, [
          [1, 1],
          [0, 0],
          [2, 0],
        ]),
        tf.reverse(x, 2),
      ];
    };
    await expectSameBits(make);
    const [x, there, andBack] = await on("native", () => {
      const x = numbers([257, 1001]);
      return [x, tf.transpose(x), tf.transpose(tf.transpose(x))];
    });
    expect(andBack).toEqual(x);
    expect(there![5 * 257 + 3]).toBe(x![3 * 1001 + 5]);
  });
});
