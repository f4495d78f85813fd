import {
  TensorCategory,
  TensorFloat,
  TensorImage,
  TensorImageBW,
  TensorMask,
  TypedTensor,
} from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { transformFromConfig } from "../transform.ts";
import { IntToFloatTensor } from "./intToFloatTensor.ts";
import { broadcastVec, imagenetStats, Normalize } from "./normalize.ts";

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const run = (tfm: Normalize | IntToFloatTensor, x: unknown) => (tfm.call(x) as TensorImage).data;
const undo = (tfm: Normalize | IntToFloatTensor, x: unknown) => (tfm.decode(x) as TensorImage).data;

describe("IntToFloatTensor", () => {
  test("pixels become 0…1 and come back, for every value", () => {
    const all = tf.tensor(
      Array.from({ length: 256 }, (_, i) => i),
      [1, 16, 16, 1],
      "int32",
    );
    const floats = run(new IntToFloatTensor(), new TensorImageBW(all));
    expect(floats.dtype).toBe("float32");
    expect(floats.dataSync()[1]).toBeCloseTo(0.0039216, 7);
    const back = undo(new IntToFloatTensor(), new TensorImageBW(floats));
    expect(back.dtype).toBe("int32");
    expect([...back.dataSync()]).toEqual([...all.dataSync()]);
  });

  test("decoding cuts off, and keeps to 0…255", () => {
    const x = new TensorImageBW(tf.tensor([0.999, 1.2, -0.1], [1, 1, 3, 1]));
    expect([...undo(new IntToFloatTensor(), x).dataSync()]).toEqual([254, 255, 0]);
  });

  test.each([
    [1, [3, 255], [3, 255]],
    [255, [255, 254], [1, 0]],
  ])("a mask divided by %d: %j becomes %j", (divMask, values, expected) => {
    const mask = new TensorMask(tf.tensor([values], undefined, "int32"));
    const out = run(new IntToFloatTensor({ divMask }), mask);
    expect(out.dtype).toBe("int32");
    expect([...out.dataSync()]).toEqual(expected);
  });
});

describe("Normalize", () => {
  const picture = (...values: number[]) => new TensorImage(tf.tensor(values, [1, 1, values.length / 3, 3]));

  test("with ImageNet's statistics, and back", () => {
    const tfm = Normalize.fromStats(...imagenetStats);
    const x = picture(0, 0, 0, 1, 1, 1);
    const out = run(tfm, x);
    expect(out).toBeAllclose([-2.1179, -2.03571, -1.80444, 2.24891, 2.42857, 2.64], { atol: 1e-5 });
    expect(undo(tfm, x.with(out))).toBeAllclose(x.data);
  });

  test("leaves masks and labels alone", () => {
    const tfm = Normalize.fromStats(0.5, 0.5);
    const mask = new TensorMask(tf.zeros([1, 2, 2]));
    const label = new TensorCategory(tf.zeros([1]));
    expect(tfm.call(mask)).toBe(mask);
    expect(tfm.call(label)).toBe(label);
    expect(run(tfm, new TensorImageBW(tf.ones([1, 1, 1, 1])))).toBeAllclose([1]);
  });

  test("learns from one batch, with the n-1 divisor", async () => {
    const tfm = new Normalize();
    const xb = [new TensorImageBW(tf.tensor([0, 1], [2, 1, 1, 1]))];
    let disposed = false;
    await tfm.setup({
      length: 2,
      get: () => 0,
      oneBatch: async () => ({ xb, yb: [], dispose: () => (disposed = true) }),
    });
    expect(tfm.mean).toBeAllclose([0.5]);
    expect(tfm.std).toBeAllclose([Math.SQRT1_2 + 1e-7]);
    expect(disposed).toBe(true);
  });

  test("learns from the first input that a row is for, of any kind", async () => {
    class TensorDepth extends TypedTensor {}
    class NormalizeDepth extends Normalize {}
    NormalizeDepth.on(
      TensorDepth,
      (x, tfm) => tfm.normalize(x.data),
      (x, tfm) => tfm.denormalize(x.data),
    );
    const xb = [new TensorFloat(tf.zeros([2, 3])), new TensorDepth(tf.tensor([1, 3], [2, 1, 1]))];
    const source = { length: 2, get: () => 0, oneBatch: async () => ({ xb, yb: [], dispose: () => {} }) };
    const tfm = new NormalizeDepth();
    await tfm.setup(source);
    expect(tfm.mean).toBeAllclose([2]);
    const depth = new TensorDepth(tf.tensor([1, 4], [2, 1, 1]));
    const out = run(tfm, depth);
    expect(out).toBeAllclose([-Math.SQRT1_2, Math.SQRT2]);
    expect(undo(tfm, depth.with(out))).toBeAllclose([1, 4]);
    const withoutRow = new Normalize();
    await withoutRow.setup(source);
    expect(withoutRow.mean).toBeUndefined();
  });

  test.each([
    [undefined, [0, 10], [2]],
    [[0, 1, 2], [0, 10], [2]],
    [
      [0, 2, -1],
      [1, 9],
      [1, 2, 1, 1],
    ],
    [[0, 1, 2, 3], [5], []],
    [[0], [-1, 9, 1, 11], [1, 2, 1, 2]],
  ])("with axes %j one mean is for all along them", async (axes, mean, shape) => {
    // [2, 2, 1, 2]: means over the batch are -1, 9 in the first row and 1, 11 in the second
    const x = tf.tensor([-2, 8, 0, 10, 0, 10, 2, 12], [2, 2, 1, 2]);
    const tfm = new Normalize({ axes });
    const oneBatch = async () => ({ xb: [new TensorImage(x)], yb: [], dispose: () => {} });
    await tfm.setup({ length: 2, get: () => 0, oneBatch });
    const expected = axes?.length === 3 && axes[2] === -1 ? [4, 6] : mean;
    expect(tfm.mean).toBeAllclose(expected);
    const copy = transformFromConfig(JSON.parse(JSON.stringify(tfm.toConfig()))) as Normalize;
    expect(undo(copy, new TensorImage(run(copy, new TensorImage(x))))).toBeAllclose(x, { atol: 1e-5 });
    if (shape.length === 4) expect(tf.tidy(() => copy.stats(x).mean.shape)).toEqual(shape);
    x.dispose();
  });

  test("statistics survive an export", () => {
    const copy = transformFromConfig(JSON.parse(JSON.stringify(Normalize.fromStats([0.1], [0.2]).toConfig())));
    expect((copy as Normalize).std).toEqual([0.2]);
  });

  test("says what is wrong", () => {
    expect(() => new Normalize({ mean: [1, 2], std: [1] })).toThrow(/2 means and 1 standard deviations/);
    expect(() => new Normalize({ mean: 0, std: 0 })).toThrow(/numbers above 0/);
    expect(() => new Normalize({ axes: [1, 2] })).toThrow(/axes with 0, the batch's/);
    expect(() => new Normalize({ means: 0 } as object)).toThrow(/did you mean "mean"/);
    expect(() => new Normalize({ mean: [1, 2], std: [1, 1], axes: [0, 7] }).call(picture(1, 2, 3))).toThrow(/axis 7/);
    expect(() => new Normalize().call(picture(1, 2, 3))).toThrow(/before the statistics are known/);
    const grey = new TensorImageBW(tf.zeros([1, 1, 1, 1]));
    expect(() => Normalize.fromStats(...imagenetStats).call(grey)).toThrow(/3 channels for pictures of 1/);
  });
});

test("broadcastVec puts a vector on one axis", () => {
  const [mean] = broadcastVec(-1, 4, [0.5, 0.5, 0.5]);
  expect(mean!.shape).toEqual([1, 1, 1, 3]);
});
