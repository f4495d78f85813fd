import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test, vi } from "vitest";
import { BCEWithLogitsLossFlat, CrossEntropyLossFlat } from "../losses/index.ts";
import { type AnyModule, Lambda } from "../nn/index.ts";
import { ArrayDataSource, ArrayDataSources, synthLearner } from "../testing/index.ts";
import { ClassificationInterpretation } from "./classificationInterpretation.ts";
import type { PassStart } from "./dataSource.ts";
import { Interpretation, SegmentationInterpretation } from "./interpret.ts";
import { Learner } from "./learner.ts";

/** Goes through its items from the last to the first, as loaders sorted by length do. */
class Backwards extends ArrayDataSource {
  override with(changes: Parameters<ArrayDataSource["with"]>[0]): ArrayDataSource {
    return Object.setPrototypeOf(super.with(changes), Backwards.prototype);
  }

  override async *iterate(start: PassStart): ReturnType<ArrayDataSource["iterate"]> {
    const wanted: number[] = [];
    for await (const batch of super.iterate(start)) batch.dispose();
    wanted.push(...(this.order ?? []));
    const flipped = ArrayDataSource.prototype.with.call(this, { order: wanted.reverse() });
    yield* flipped.iterate(start);
    this.order = flipped.order;
  }
}

const small = { nTrain: 1, nValid: 2, bs: 4 };

describe("Interpretation", () => {
  test("finds items by place in the data set, whatever the loader's order", async () => {
    const rows = { x: [[0], [1], [2], [3], [4]], y: [[0.1], [1], [7], [3], [6]] };
    const learn = synthLearner(small);
    learn.model.parameters().forEach((p, i) => void p.assign(tf.scalar(i === 0 ? 1 : 0))); // predicts x
    const dl = new Backwards(rows, { bs: 2 });
    const before = tf.memory().numTensors;
    const interp = await Interpretation.fromLearner(learn, { dl });
    expect(interp.losses.toArray()).toBeAllclose([0.01, 0, 25, 0, 4], { rtol: 1e-5, atol: 1e-6 });
    const { indices, losses } = interp.topLosses({ k: 2 });
    expect(indices).toEqual([2, 4]);
    expect(losses).toBeAllclose([25, 4], { rtol: 1e-6, atol: 0 });
    const items = await interp.topItems({ k: 3 });
    expect(items.map(({ index, x, y, predicted }) => [index, x, y, predicted])).toEqual([
      [2, [2], [7], [2]],
      [4, [4], [6], [4]],
      [0, [0], [Math.fround(0.1)], [0]],
    ]);
    expect((await interp.plotTopLosses([1, 2])).toText()).toMatch(/4.*6.*4[\s\S]*0\.0100/);
    expect((await interp.showResults([4, 1])).toText()).toContain("6");
    await expect(interp.at([9])).rejects.toThrow(/item 9/);
    expect(tf.memory().numTensors).toBe(before);
    learn.dispose();
  });

  test("of a part of the data names places in all of it", async () => {
    const learn = synthLearner(small);
    const interp = await SegmentationInterpretation.fromLearner(learn, { dl: learn.dls.valid.with({ order: [5, 3] }) });
    const { indices } = interp.topLosses();
    expect([...indices].sort()).toEqual([3, 5]);
    const [worst] = await interp.at(indices.slice(0, 1));
    expect(worst?.loss).toBe(interp.topLosses().losses[0]);
    learn.dispose();
  });
});

/** Class data whose model puts out its input: predictions are the largest of three numbers. */
function threeClasses(lossFunc: CrossEntropyLossFlat | BCEWithLogitsLossFlat): Learner<number[], number[]> {
  const targets = [0, 1, 2, 2, 1, 0];
  const x = [0, 2, 2, 1, 1, 0].map((c) => [0, 1, 2].map((i) => (i === c ? 3 : 0)));
  const loader = new ArrayDataSource({ x, y: targets.map((t) => [t]), classes: true }, { bs: 4 }, lossFunc);
  const dls = Object.assign(new ArrayDataSources(loader, loader), { vocab: ["a", "b", "c"] });
  return new Learner(dls, new Lambda((t: tf.Tensor) => tf.clone(t)) as AnyModule);
}

describe("ClassificationInterpretation", () => {
  test("counts and scores as scikit-learn does", async () => {
    const learn = threeClasses(new CrossEntropyLossFlat());
    const interp = await ClassificationInterpretation.fromLearner(learn);
    expect(interp.confusionMatrix()).toEqual([
      [2, 0, 0],
      [0, 1, 1],
      [0, 1, 1],
    ]);
    expect(interp.mostConfused()).toEqual([
      { actual: "b", predicted: "c", count: 1 },
      { actual: "c", predicted: "b", count: 1 },
    ]);
    const { accuracy, macro } = interp.classificationReport();
    expect([accuracy, macro.f1, macro.support]).toBeAllclose([4 / 6, 2 / 3, 6], { rtol: 1e-6, atol: 0 });
    const print = vi.spyOn(console, "log").mockImplementation(() => {});
    interp.printClassificationReport();
    expect(print.mock.calls[0]?.[0]).toMatch(/precision +recall +f1-score +support[\s\S]*b +0\.50 +0\.50 +0\.50 +2/);
    print.mockRestore();
    expect(interp.plotConfusionMatrix({ normalize: true, normDec: 1 }).toText()).toContain("0.5");
    learn.dispose();
  });

  test("several labels per item are refused", async () => {
    const learn = threeClasses(new CrossEntropyLossFlat());
    learn.lossFunc = new BCEWithLogitsLossFlat();
    await expect(ClassificationInterpretation.fromLearner(learn)).rejects.toThrow();
    learn.dispose();
  });
});
