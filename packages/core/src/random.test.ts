import { afterEach, describe, expect, test } from "vitest";
import { Rng, rng, setSeed } from "./random.ts";

describe("Rng", () => {
  test("draws the uniform numbers of numpy.random.RandomState(42)", () => {
    const random = new Rng(42);
    expect([0, 1, 2].map(() => random.uniform())).toEqual([0.3745401188473625, 0.9507143064099162, 0.7319939418114051]);
  });
});

describe("setSeed", () => {
  const before = process.env.TF_DETERMINISTIC_OPS;
  afterEach(() => {
    if (before === undefined) delete process.env.TF_DETERMINISTIC_OPS;
    else process.env.TF_DETERMINISTIC_OPS = before;
  });

  test("starts again from the seed, and forgets half a pair of normal numbers", () => {
    setSeed(7);
    const first = [rng().normal(), rng().uint32()];
    rng().normal();
    setSeed(7);
    expect([rng().normal(), rng().uint32()]).toEqual(first);
  });

  test("asks TensorFlow for the same bits only if told to", () => {
    delete process.env.TF_DETERMINISTIC_OPS;
    setSeed(7);
    expect(process.env.TF_DETERMINISTIC_OPS).toBeUndefined();
    setSeed(7, { reproducible: true });
    expect(process.env.TF_DETERMINISTIC_OPS).toBe("1");
  });
});
