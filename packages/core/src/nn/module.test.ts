import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { FileFormatError, ShapeError } from "../errors.ts";
import { Lambda, Sequential } from "./containers.ts";
import { buildModel, models } from "./models.ts";
import { Module } from "./module.ts";
import { Buffer, Parameter } from "./parameter.ts";

class Scale extends Module {
  weight = new Parameter(tf.tensor2d([[1, 2, 3]]), "linear");
  runningMean = new Buffer(tf.tensor1d([5]));
  override forward(x: tf.Tensor): tf.Tensor {
    if (x.shape[1] !== 3) throw new ShapeError("x", { given: "a", expected: "3 columns" });
    return tf.mul(x, this.weight.value);
  }
}

class Model extends Module {
  stem = new Scale();
  layers = [new Scale(), new Sequential(new Lambda((x: tf.Tensor) => tf.neg(x)), new Scale())];
  override forward(x: tf.Tensor): tf.Tensor {
    return this.layers.reduce<tf.Tensor>((y, layer) => layer.call(y), this.stem.call(x));
  }
}

describe("Module", () => {
  test("names what it owns as PyTorch would", () => {
    const model = new Model();
    const names = model.namedParameters().map(([name]) => name);
    expect(names).toEqual(["stem.weight", "layers.0.weight", "layers.1.1.weight"]);
    expect(model.namedBuffers().map(([name]) => name)).toContain("layers.1.1.running_mean");
    expect(model.namedModules().map(([name]) => name)).toEqual([
      "",
      "stem",
      "layers.0",
      "layers.1",
      "layers.1.0",
      "layers.1.1",
    ]);
    model.dispose();
  });

  test("a shared parameter counts once and is saved under both names", async () => {
    const model = new Model();
    model.stem.weight.dispose();
    model.stem.weight = (model.layers[0] as Scale).weight;
    expect(model.parameters()).toHaveLength(2);
    const state = await model.stateDict();
    expect([...state.keys()]).toContain("stem.weight");
    expect(state.size).toBe(6);
    model.dispose();
  });

  test("train, eval and requiresGrad reach everything below", () => {
    const model = new Model();
    expect(model.training).toBe(true);
    model.eval();
    expect(model.modules().some((m) => m.training)).toBe(false);
    model.requiresGrad(false);
    expect(model.parameters().some((p) => p.requiresGrad)).toBe(false);
    model.dispose();
  });

  test("saves in both layouts and loads them back", async () => {
    const model = new Model();
    const torch = await model.stateDict({ layout: "torch" });
    expect(torch.get("stem.weight")!.shape).toEqual([3, 1]);
    torch.get("stem.weight")!.values[1] = 9;
    model.loadStateDict(torch, { layout: "torch" });
    expect(model.stem.weight.value).toBeAllclose([1, 9, 3]);
    model.dispose();
  });

  test("a load that does not fit names every fault and changes nothing", async () => {
    const model = new Model();
    const state = await model.stateDict();
    state.get("stem.weight")!.values[0] = 100;
    state.delete("layers.0.running_mean");
    state.set("other", { shape: [1], dtype: "float32", values: new Float32Array(1) });
    state.set("layers.0.weight", { shape: [2], dtype: "float32", values: new Float32Array(2) });
    expect(() => model.loadStateDict(state)).toThrow(FileFormatError);
    expect(() => model.loadStateDict(state)).toThrow(
      /missing layers\.0\.running_mean.*unexpected other.*layers\.0\.weight is \[2\] instead of \[1, 3\]/,
    );
    expect(model.stem.weight.value).toBeAllclose([1, 2, 3]);
    state.delete("layers.0.weight");
    const report = model.loadStateDict(state, { strict: false });
    expect(report).toEqual({ missing: ["layers.0.weight", "layers.0.running_mean"], unexpected: ["other"] });
    expect(model.stem.weight.value).toBeAllclose([100, 2, 3]);
    model.dispose();
  });

  test("a hook sees and may replace the output, until it is removed", () => {
    const model = new Sequential(new Lambda((x: tf.Tensor) => x));
    const seen: unknown[] = [];
    const look = model.registerForwardHook((_, inputs) => void seen.push(inputs[0]));
    const replace = model.registerForwardHook(() => "other");
    const x = tf.scalar(1);
    expect(model.call(x)).toBe("other");
    replace.remove();
    look.remove();
    expect(model.call(x)).toBe(x);
    expect(seen).toEqual([x]);
    x.dispose();
  });

  test("an error names the layer by its path", () => {
    const model = new Sequential(new Lambda((x: tf.Tensor) => x), new Sequential(new Scale()));
    const x = tf.zeros([2, 4]);
    expect(() => model.call(x)).toThrow("1.0 (Scale): got a; expected 3 columns.");
    const bad = new Sequential(new Lambda((y: tf.Tensor) => tf.reshape(y, [3])));
    expect(() => bad.call(x)).toThrow(/^0 \(Lambda\): got input \[2, 4\]; expected [\s\S]*([Ss]ize|reshape)/);
    class Stop extends Error {}
    const stopping = new Sequential(
      new Lambda(() => {
        throw new Stop();
      }),
    );
    expect(() => stopping.call(x)).toThrow(Stop);
    x.dispose();
    model.dispose();
  });

  test("dispose frees all it made", () => {
    const before = tf.memory().numTensors;
    new Model().dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("a built model knows how to be built again", () => {
  models.add("testScale", () => new Scale());
  const model = buildModel("testScale", { a: 1 });
  expect(model.arch).toEqual({ name: "testScale", args: { a: 1 } });
  model.dispose();
});
