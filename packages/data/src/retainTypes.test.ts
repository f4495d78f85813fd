import {
  TensorCategory,
  TensorData,
  TensorFloat,
  TensorImage,
  TensorImageBW,
  TensorMask,
} from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { checkLeaks } from "../test/passes.ts";
import { cast, explodeTypes, retainMeta, retainType, retainTypes } from "./retainTypes.ts";
import { Tuple } from "./tuple.ts";

checkLeaks();

const inTidy = (run: () => void) => () => {
  tf.tidy(() => {
    run();
  });
};

describe("explodeTypes", () => {
  test("names the classes of a nested tuple", () => {
    const data = new TensorData(TensorMask, [1], Int32Array.of(1));
    expect(explodeTypes(Tuple.of("a", Tuple.of(data, 3), null))).toEqual({
      tuple: [String, { tuple: [TensorMask, Number] }, null],
    });
  });
});

describe("retainType", () => {
  test(
    "gives a bare tensor, or one of a vaguer class, the class and meta of what it was made from",
    inTidy(() => {
      const mask = new TensorMask(tf.zeros([1, 2, 2]), { codes: ["a"] });
      const out = retainType(tf.ones([1, 2, 2]), mask) as TensorMask;
      expect(out).toBeInstanceOf(TensorMask);
      expect(out.meta.codes).toEqual(["a"]);
      const gray = new TensorImageBW(tf.zeros([1, 2, 2, 1]));
      expect(retainType(new TensorImage(gray.data), gray)).toBeInstanceOf(TensorImageBW);
      expect(retainType(tf.zeros([2]), TensorCategory)).toBeInstanceOf(TensorCategory);
    }),
  );

  test(
    "leaves what says as much, or something else",
    inTidy(() => {
      const gray = new TensorImageBW(tf.zeros([1, 2, 2, 1]));
      const mask = new TensorMask(tf.zeros([1, 2, 2]));
      expect(retainType(mask, gray)).toBe(mask);
      expect(retainType(gray, new TensorImage(gray.data))).toBe(gray);
      expect(retainType("cat", gray)).toBe("cat");
      const bare = tf.zeros([1]);
      expect(retainType(bare, "cat")).toBe(bare);
    }),
  );
});

describe("retainTypes", () => {
  test(
    "goes through tuples, from values or from what explodeTypes said of them",
    inTidy(() => {
      const sample = Tuple.of(new TensorImageBW(tf.zeros([1])), Tuple.of(new TensorCategory(tf.zeros([1])), "x"));
      const bare = Tuple.of(tf.zeros([1]), Tuple.of(tf.zeros([1]), "y"));
      for (const old of [sample, explodeTypes(sample)]) {
        const out = retainTypes(bare, old) as Tuple<[unknown, Tuple]>;
        expect(out.elements[0]).toBeInstanceOf(TensorImageBW);
        expect(out.elements[1].elements[0]).toBeInstanceOf(TensorCategory);
        expect(out.elements[1].elements[1]).toBe("y");
      }
    }),
  );
});

describe("cast and retainMeta", () => {
  test("rewrap numbers on the CPU; a subclass stays one", () => {
    const data = new TensorData(TensorFloat, [2], Float32Array.of(1, 2), { codes: ["a"] });
    const image = cast(data, TensorImage) as TensorData;
    expect([image.kind, image.values, image.meta]).toEqual([TensorImage, data.values, { codes: ["a"] }]);
    const gray = new TensorData(TensorImageBW, [1], Float32Array.of(1));
    expect(cast(gray, TensorImage)).toBe(gray);
    expect(retainMeta(gray, data).meta).toEqual({ codes: ["a"] });
    expect(retainMeta(3, data)).toBe(3);
    expect(() => cast("text", TensorImage)).toThrow(/text to TensorImage; expected a tensor/);
  });
});
