import { DataError, ShapeError } from "@layerwise/core";
import { TensorData, TensorFloat, TensorImageBW, TensorMask, TensorPoint } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { collate, convert, layoutOf } from "./collate.ts";
import { Tuple } from "./tuple.ts";

const pixels = (...values: number[]) => new TensorData(TensorImageBW, [1, values.length, 1], Uint8Array.from(values));

describe("collate", () => {
  test("stacks each element in one tensor of its kind, type and meta", () => {
    const before = tf.memory().numTensors;
    const samples = [Tuple.of(pixels(1, 2), 5), Tuple.of(pixels(3, 4), 6)];
    const [images, numbers] = collate(samples) as [TensorImageBW, TensorFloat];
    expect(tf.memory().numTensors).toBe(before + 2);
    expect(images).toBeInstanceOf(TensorImageBW);
    expect(images.shape).toEqual([2, 1, 2, 1]);
    expect(images.data.dtype).toBe("int32");
    expect(images.data).toBeAllclose([1, 2, 3, 4]);
    expect(numbers).toBeInstanceOf(TensorFloat);
    expect(numbers.shape).toEqual([2]);
    expect(numbers.data.dtype).toBe("float32");
    images.dispose();
    numbers.dispose();
  });

  test("keeps the meta of the first sample", () => {
    const point = new TensorData(TensorPoint, [1, 2], Float32Array.of(1, 2), { imgSize: [4, 5] });
    const [points] = collate([Tuple.of(point)]) as [TensorPoint];
    expect(points.meta.imgSize).toEqual([4, 5]);
    points.dispose();
  });

  test.each([
    ["arrays of numbers", [1, 2], [3, 4], [2, 2]],
    ["typed arrays", Float32Array.of(1, 2), Float32Array.of(3, 4), [2, 2]],
    ["booleans", true, false, [2]],
  ])("takes %s", (_title, a, b, shape) => {
    const [out] = collate([Tuple.of(a), Tuple.of(b)]);
    expect(out!.shape).toEqual(shape);
    out!.dispose();
  });

  test("stacks tensors, which stay their owner's", () => {
    const tensors = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
    const masks = tensors.map((tensor) => new TensorMask(tensor));
    const [plain] = collate(tensors.map((tensor) => Tuple.of(tensor)));
    const [mask] = collate(masks.map((tensor) => Tuple.of(tensor)));
    expect(plain!.data).toBeAllclose([1, 2, 3, 4]);
    expect(mask).toBeInstanceOf(TensorMask);
    expect(tensors[0]!.isDisposed).toBe(false);
    for (const t of [...tensors, plain!, mask!]) t.dispose();
  });

  test("uneven shapes name the element, both items and their shapes", () => {
    const samples = [Tuple.of(1, pixels(1, 2)), Tuple.of(2, pixels(1, 2)), Tuple.of(3, pixels(1, 2, 3))];
    const run = () => tf.tidy(() => void collate(samples, { itemName: (i) => `picture${i}.png` }));
    expect(run).toThrow(ShapeError);
    expect(run).toThrow(
      /element 1 \(TensorImageBW\): picture0.png has shape \[1, 2, 1\], picture2.png has \[1, 3, 1\]/,
    );
    expect(run).toThrow(/Resize/);
  });

  test("text is not collatable, and the error says which item has it", () => {
    const run = () => tf.tidy(() => void collate([Tuple.of("word")]));
    expect(run).toThrow(DataError);
    expect(run).toThrow(/element 0 of item 0: word, a String, which is not collatable/);
  });

  test("finds NaN when asked to", () => {
    const samples = [Tuple.of([1, 2]), Tuple.of([3, Number.NaN])];
    const run = () => tf.tidy(() => void collate(samples, { checkFinite: true }));
    expect(run).toThrow(/NaN in element 0 of item 1/);
    const [out] = collate(samples);
    out!.dispose();
  });
});

describe("plain objects as elements", () => {
  const sample = (a: number, b: number[], y: number) => Tuple.of({ ids: a, mask: b }, y);

  test("become a tensor per key, in the order of the first sample's keys", () => {
    const tensors = collate([sample(1, [1, 0], 5), Tuple.of({ mask: [0, 1], ids: 2 }, 6)]);
    expect(tensors.map(({ shape }) => shape)).toEqual([[2], [2, 2], [2]]);
    expect(tensors[0]!.data).toBeAllclose([1, 2]);
    expect(tensors[1]!.data).toBeAllclose([1, 0, 0, 1]);
    for (const tensor of tensors) tensor.dispose();
    expect(layoutOf(sample(1, [1], 5))).toEqual([
      { element: 0, key: "ids" },
      { element: 0, key: "mask" },
      { element: 1 },
    ]);
  });

  test("must have the same keys in every sample", () => {
    const run = () => collate([sample(1, [1], 5), Tuple.of({ ids: 1 }, 5)], { itemName: (i) => `text${i}` });
    expect(run).toThrow(/text0 with ids, mask, element 1, text1 with ids, element 1/);
    expect(() => collate([Tuple.of({ a: 1 }), Tuple.of({ b: 1 })])).toThrow(/same keys/);
  });

  test("an object of a class is no plain one", () => {
    expect(() => collate([Tuple.of(new Date(0))])).toThrow(/a Date, which is not collatable/);
  });

  test("in a ready batch have a tensor per key as well", () => {
    const [ids, mask] = convert(Tuple.of({ ids: [1, 2], mask: [0, 1] }));
    expect([ids!.shape, mask!.shape]).toEqual([[2], [2]]);
    for (const tensor of [ids!, mask!]) tensor.dispose();
  });
});

test("a ready batch gets no new axis", () => {
  const [out] = convert(Tuple.of(pixels(1, 2)));
  expect(out!.shape).toEqual([1, 2, 1]);
  out!.dispose();
});
