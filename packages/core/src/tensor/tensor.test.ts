import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError, OptionError, ShapeError } from "../errors.ts";
import {
  batchToSamples,
  findBs,
  flattenCheck,
  interp1d,
  itemFind,
  logit,
  mapNested,
  nestedReorder,
  oneHot,
  oneHotDecode,
  pca,
  TensorImage,
  toArray,
  toConcat,
} from "./index.ts";

describe("mapNested", () => {
  test("keeps arrays and records, and takes class instances as values", () => {
    const image = new TensorImage(tf.scalar(1));
    expect(mapNested((x) => (x === image ? "image" : "other"), { a: [image, 3], b: image } as never)).toEqual({
      a: ["image", "other"],
      b: "image",
    });
    image.dispose();
  });
});

describe("findBs", () => {
  test("is the first tensor's length, however deep", () => {
    tf.tidy(() => {
      expect(findBs([[tf.zeros([4, 2])], tf.zeros([4])])).toBe(4);
      expect(findBs({ x: new TensorImage(tf.zeros([3, 2, 2, 3])) })).toBe(3);
    });
    expect(() => findBs([])).toThrow(DataError);
  });
});

describe("itemFind", () => {
  test("goes down by first entries, but where told on the first level", () => {
    expect(itemFind([[1, 2], 3])).toBe(1);
    expect(itemFind([[1, 2], { a: [3], b: 4 }], 1)).toBe(3);
    expect(itemFind({ a: 5 } as never)).toBe(5);
    expect(itemFind([], 0)).toBeUndefined();
  });
});

describe("batchToSamples", () => {
  test("turns a batch around, keeps kinds, and makes nothing more", () => {
    const x = new TensorImage(tf.reshape(tf.range(0, 12), [3, 2, 2, 1]));
    const y = tf.tensor1d([7, 8, 9]);
    const before = tf.memory().numTensors;
    const samples = batchToSamples<tf.Tensor | TensorImage>([x, { y }], 2) as [TensorImage, { y: tf.Tensor }][];
    expect(tf.memory().numTensors).toBe(before + 4);
    expect(samples).toHaveLength(2);
    expect(samples[1]![0]).toBeInstanceOf(TensorImage);
    expect(samples[1]![0].shape).toEqual([2, 2, 1]);
    expect(samples[1]![0].data).toBeAllclose([4, 5, 6, 7]);
    expect(samples[1]![1].y).toBeAllclose(8);
    for (const [image, target] of samples) tf.dispose([image.data, target]);
    tf.dispose([x.data, y]);
  });
});

describe("toArray", () => {
  test("reads every tensor where it is", async () => {
    const [a, b] = [tf.ones([1, 2]), tf.scalar(3)];
    expect(await toArray({ a, rest: [b] })).toEqual({ a: [[1, 1]], rest: [3] });
    tf.dispose([a, b]);
  });
});

describe("toConcat", () => {
  test("joins leaf by leaf", () => {
    tf.tidy(() => {
      const joined = toConcat([
        [tf.ones([2, 3]), { y: tf.zeros([2]) }],
        [tf.ones([1, 3]), { y: tf.ones([1]) }],
      ]) as [tf.Tensor, { y: tf.Tensor }];
      expect(joined[0].shape).toEqual([3, 3]);
      expect(joined[1].y).toBeAllclose([0, 0, 1]);
    });
  });

  test("gives the items where shapes differ", () => {
    tf.tidy(() => {
      const items = toConcat([tf.zeros([2, 3]), tf.zeros([1, 5])]) as tf.Tensor[];
      expect(items.map((t) => t.shape)).toEqual([[3], [3], [5]]);
    });
  });
});

describe("nestedReorder", () => {
  test("reorders tensors and plain lists alike", () => {
    tf.tidy(() => {
      const [a, b] = nestedReorder([tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6])], [2, 0, 1]) as tf.Tensor[];
      expect(a!).toBeAllclose([3, 1, 2]);
      expect(b!).toBeAllclose([6, 4, 5]);
      expect(nestedReorder(["a", "b", "c"], [2, 0, 1])).toEqual(["c", "a", "b"]);
    });
  });
});

describe("oneHot", () => {
  test("decoding gives the classes back", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(9)), (classes) => {
        expect(oneHotDecode(oneHot(classes, 10))).toEqual([...classes].sort((a, b) => a - b));
      }),
    );
    expect(oneHotDecode([0, 1, 1], ["a", "b", "c"])).toEqual(["b", "c"]);
    expect(() => oneHot([3], 3)).toThrow(OptionError);
  });
});

describe("numeric helpers", () => {
  test("flattenCheck wants equal sizes", () => {
    tf.tidy(() => {
      const [a, b] = flattenCheck(tf.zeros([2, 3]), tf.zeros([6, 1]));
      expect([a.shape, b.shape]).toEqual([[6], [6]]);
      expect(() => flattenCheck(tf.zeros([2]), tf.zeros([3]))).toThrow(ShapeError);
    });
  });

  test("logit inverts the sigmoid and stays finite at 0 and 1", () => {
    tf.tidy(() => {
      expect(logit(tf.sigmoid(tf.tensor1d([-2, 0, 3])))).toBeAllclose([-2, 0, 3], { atol: 1e-5 });
      const [low, high] = logit(tf.tensor1d([0, 1])).dataSync();
      expect(low).toBeCloseTo(-16.118, 2);
      expect(high).toBeGreaterThan(15);
    });
  });

  test("interp1d follows the polyline and goes on beyond its ends", () => {
    tf.tidy(() => {
      const y = interp1d(tf.tensor1d([-1, 0, 0.5, 1, 2, 4]), tf.tensor1d([0, 1, 3]), tf.tensor1d([0, 2, 0]));
      expect(y).toBeAllclose([-2, 0, 1, 2, 1, -1]);
    });
  });

  test("pca keeps the variance of the strongest directions and leaks nothing", async () => {
    const before = tf.memory().numTensors;
    const x = tf.tensor2d([2, 0.1, 0, -2, 0.1, 0, 4, -0.1, 0.02, -4, -0.1, -0.02], [4, 3]);
    const y = await pca(x, 2);
    const [first, second] = tf.tidy(() => Array.from(tf.sum(tf.square(y), 0).dataSync()));
    expect(first).toBeCloseTo(40.0, 1);
    expect(second).toBeCloseTo(0.04, 2);
    tf.dispose([x, y]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
