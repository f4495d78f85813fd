import { setSeed } from "@layerwise/core";
import { MSELossFlat } from "@layerwise/core/losses";
import type { AnyModule } from "@layerwise/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { EmbeddingDotBias, EmbeddingNN } from "../src/index.ts";
import golden from "./golden/collab.json" with { type: "json" };

interface Case {
  state: Record<string, { shape: number[]; values: number[] }>;
  pred: number[];
  loss: number;
  grads: Record<string, number[]>;
}

/** Transposed linear weights, `[out, in]` to ours, `[in, out]`. */
function ours(name: string, values: number[], state: Case["state"]): number[] {
  const { shape } = state[name]!;
  if (!/^layers\..*weight$/.test(name) || shape.length < 2) return values;
  const [out, into] = shape as [number, number];
  return Array.from({ length: out * into }, (_, i) => values[(i % out) * into + Math.floor(i / out)]!);
}

function check(model: AnyModule, { state, pred, loss, grads }: Case): void {
  const entries = Object.entries(state).map(
    ([name, { shape, values }]) =>
      [name, { shape, dtype: "float32" as const, values: Float32Array.from(values) }] as const,
  );
  model.loadStateDict(new Map(entries), { layout: "torch" });
  const ids = tf.tensor2d(golden.ids, [golden.ids.length / 2, 2], "int32");
  const ratings = tf.tensor2d(golden.ratings, [golden.ratings.length, 1]);
  expect(model.train().call(ids)).toBeAllclose(pred, { rtol: 1e-5, atol: 1e-5 });
  const { value, grads: found } = tf.variableGrads(() => new MSELossFlat().call(model.call(ids), ratings) as tf.Scalar);
  expect(value).toBeAllclose(loss, { rtol: 1e-5, atol: 1e-6 });
  for (const [name, parameter] of model.namedParameters()) {
    const grad = found[(parameter.value as tf.Variable).name];
    expect(grad, name).toBeAllclose(ours(name, grads[name]!, state), { rtol: 1e-4, atol: 1e-5 });
  }
  expect(Object.keys(grads).sort()).toEqual(
    model
      .namedParameters()
      .map(([name]) => name)
      .sort(),
  );
}

describe("fastai's numbers", () => {
  test.each(["plain", "ranged"] as const)("EmbeddingDotBias, %s", (name) => {
    const { yRange } = golden[name] as { yRange: [number, number] | null };
    const options = { nFactors: 3, nUsers: 5, nItems: 5, ...(yRange && { yRange }) };
    check(new EmbeddingDotBias(options), golden[name] as unknown as Case);
  });

  test("EmbeddingNN", () => {
    const embSzs = [
      [5, 3],
      [5, 2],
    ] as const;
    check(new EmbeddingNN({ embSzs, layers: [6, 4], yRange: [0.5, 5.5] }), golden.neural as unknown as Case);
  });

  test("one seed draws fastai's first weights", async () => {
    setSeed(7);
    const model = new EmbeddingDotBias({ nFactors: 4, nUsers: 6, nItems: 5, yRange: [0, 5.5] });
    for (const [name, parameter] of model.namedParameters()) {
      const expected = golden.drawn[name as keyof typeof golden.drawn];
      expect(parameter.value, name).toBeAllclose(expected, { rtol: 1e-5, atol: 1e-7 });
    }
  });
});

describe("numbers worked out by hand", () => {
  const tables = {
    "u_weight.weight": [0, 0, 0.5, -1, 1, 0.5],
    "i_weight.weight": [0, 0, 0.4, 0.2, -0.3, 1],
    "u_bias.weight": [0, 0.3, -0.2],
    "i_bias.weight": [0, -0.1, 0.4],
  };
  const model = (yRange?: [number, number]) => {
    const made = new EmbeddingDotBias({ nFactors: 2, nUsers: 3, nItems: 3, ...(yRange && { yRange }) });
    const entries = Object.entries(tables).map(([name, values]) => {
      const shape = [3, values.length / 3];
      return [name, { shape, dtype: "float32" as const, values: Float32Array.from(values) }] as const;
    });
    made.loadStateDict(new Map(entries));
    return made;
  };
  const ids = () => tf.tensor2d([1, 1, 2, 2, 0, 1, 1, 2], [4, 2], "int32");

  test.each([
    [undefined, [0.2, 0.4, -0.1, -0.45]],
    [[0, 5.5] as [number, number], [3.024087, 3.292782, 2.612614, 2.141484]],
    [[0.5, 5.5] as [number, number], [3.24917, 3.493438, 2.875104, 2.446804]],
  ])("ratings within %j", (yRange, expected) => {
    expect(model(yRange).call(ids())).toBeAllclose(expected, { rtol: 1e-5, atol: 1e-6 });
  });

  test("a single rating is a batch of one", () => {
    expect(model().call(tf.tensor2d([[1, 1]], [1, 2], "int32")).shape).toEqual([1]);
  });
});
