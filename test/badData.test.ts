import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  accuracy,
  ClassificationInterpretation,
  CrossEntropyLossFlat,
  DataBlock,
  DataError,
  EarlyStoppingCallback,
  Flatten,
  ImageDataLoaders,
  indexSplitter,
  Learner,
  Linear,
  LRFinder,
  type Module,
  parentLabel,
  regressionBlock,
  Sequential,
  ShapeError,
  SimpleCNN,
  StateError,
  TerminateOnNaNCallback,
  TransformError,
  transformBlock,
} from "@layerwise/vision/all";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { catsAndDogs, petLoaders } from "./catsAndDogs.ts";
import { workFolder } from "./workFolder.ts";

let folder: string;
let files: string[];
let warn: MockInstance<typeof console.warn>;
beforeAll(async () => {
  ({ folder, files } = await catsAndDogs());
});
beforeEach(() => {
  warn = vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => warn.mockRestore());

const small = (outputs = 2): Module => new SimpleCNN([3, 4, outputs]);
const warnings = (): string => warn.mock.calls.flat().join("\n");

/** What a fit of one epoch throws; afterwards all its tensors have to be gone. */
async function failure(make: () => Learner | Promise<Learner>): Promise<Error> {
  const learn = await make();
  const before = tf.memory().numTensors;
  const error = await learn.withNoLogging(() => learn.fit(1)).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(Error);
  const optimizer = learn.opt ? [...learn.opt.state.values()].flatMap((s) => Object.values(s)) : [];
  const kept = optimizer.filter((value) => value instanceof tf.Tensor).length;
  expect(tf.memory().numTensors - kept).toBe(before);
  learn.dispose();
  return error as Error;
}

describe("a folder", () => {
  const load = (path: string) => petLoaders(path);

  test("that is missing is named, with what is there instead", async () => {
    await expect(load(join(folder, "cats"))).rejects.toThrow(/cats".*does not exist.*it holds "cat"/);
  });

  test("without pictures says what was looked for and what was there", async () => {
    const empty = workFolder();
    await expect(load(empty)).rejects.toThrow(/no such file/);
    mkdirSync(join(empty, "cat"));
    writeFileSync(join(empty, "cat", "1.txt"), "no picture");
    await expect(load(empty)).rejects.toThrow(/1 \.txt.*\.png/s);
  });
});

describe("a label function", () => {
  const bad = (path: string) => path === files[3];

  test.each([
    ["that throws", () => Promise.reject(new Error("no such row"))],
    ["that throws at once", () => fail("no such row")],
    ["without an answer", () => undefined],
  ])("%s names the picture", async (_, answer) => {
    const made = petLoaders(folder, { label: (path) => (bad(path) ? answer() : parentLabel(path)) });
    await expect(made).rejects.toThrow(TransformError);
    await expect(made).rejects.toThrow(files[3]);
  });

  test("that throws in a factory names the picture and the function", async () => {
    const labelOf = (path: string) => (bad(path) ? fail("no such row") : parentLabel(path));
    const made = ImageDataLoaders.fromPathFunc(folder, files, labelOf, { bs: 4 });
    await expect(made).rejects.toThrow(`labelOf on item "${files[3]}": got the error "no such row"`);
  });

  test("without an answer in validation names the picture when it is reached", async () => {
    const label = (path: string) => (bad(path) ? undefined : parentLabel(path));
    const dls = await petLoaders(folder, { label, valid: [3] });
    const { message } = await failure(() => new Learner(dls, small()) as unknown as Learner);
    expect(message).toContain(files[3]);
  });

  test("with a label that training has not: names it, the picture and the known ones", async () => {
    const label = (path: string) => (bad(path) ? "bird" : parentLabel(path));
    const dls = await petLoaders(folder, { label, valid: [3] });
    const { message } = await failure(() => new Learner(dls, small()) as unknown as Learner);
    expect(message).toMatch(/label "bird".*"cat", "dog".*vocab/);
    expect(message).toContain(files[3]);
  });
});

describe("odd sets", () => {
  test("one class only: warns, trains, predicts it", async () => {
    const dls = await petLoaders(folder, { label: () => "cat" });
    expect(warnings()).toMatch(/label "cat".*learns nothing from one class/);
    const learn = new Learner(dls, small(dls.c), { metrics: [accuracy] });
    await learn.withNoLogging(() => learn.fit(1));
    expect(learn.recorder?.values).toEqual([[0, 0, 1]]);
    expect(await learn.predict(files[0])).toMatchObject({ decoded: "cat", pred: 0 });
    learn.dispose();
  });

  test("no validation set: warns, trains with empty cells; what needs one says so", async () => {
    const dls = await petLoaders(folder, { valid: [] });
    expect(warnings()).toMatch(/validation set is empty: 12 items, all for training/);
    const early = new EarlyStoppingCallback();
    const learn = new Learner(dls, small(), { metrics: [accuracy], cbs: [early] });
    await learn.withNoLogging(() => learn.fit(2));
    expect(warnings()).toMatch(/EarlyStoppingCallback does nothing.*"valid_loss"/s);
    expect(learn.recorder?.values).toEqual([
      [expect.any(Number), null, null],
      [expect.any(Number), null, null],
    ]);
    await expect(learn.validate()).rejects.toThrow(StateError);
    for (const call of [() => learn.getPreds(), () => learn.showResults(), () => interpret(learn)]) {
      await expect(call()).rejects.toThrow(/without items.*at least one item/s);
    }
    expect((await learn.predict(files[0])).probs).toHaveLength(2);
    learn.dispose();
  });

  test("a batch larger than the training set is one batch of all of it", async () => {
    const dls = await petLoaders(folder, { bs: 64 });
    const sizes: number[] = [];
    const learn = new Learner(dls, small());
    learn.model.registerForwardHook((_, [x]) => {
      sizes.push((x as tf.Tensor).shape[0]!);
    });
    await learn.withNoLogging(() => learn.fit(1));
    expect(sizes).toEqual([10, 2]);
    learn.dispose();
  });

  test("a picture that breaks between two epochs is named", async () => {
    const own = await catsAndDogs();
    const dls = await petLoaders(own.folder, { bs: 5 });
    const learn = new Learner(dls, small());
    await learn.withNoLogging(() => learn.fit(1));
    writeFileSync(own.files[5]!, "no picture any more");
    await expect(learn.withNoLogging(() => learn.fit(1))).rejects.toThrow(own.files[5]!);
    learn.dispose();
  });
});

describe("shapes that do not fit", () => {
  test("gray pictures into a network for color: names the layer", async () => {
    const bw = await ImageDataLoaders.fromPathFunc(folder, files, parentLabel, { bs: 4, bw: true, seed: 1 });
    const error = await failure(() => new Learner(bw, small()) as unknown as Learner);
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toMatch(/^0\.0 \(Conv2d\): got input \[4, 8, 8, 1\]; expected 3 channels/);
  });

  test.each<[string, () => Module, RegExp]>([
    [
      "a linear layer of another size",
      () => new Sequential(new Flatten(), new Linear(100, 2)),
      /^1 \(Linear\).*192.*100/,
    ],
    ["fewer outputs than classes", () => small(1), /CrossEntropyLossFlat.*1 outputs for 2 classes.*dls\.c/],
    ["an answer per pixel", () => new Sequential(new Linear(3, 2)), /CrossEntropyLossFlat.*\[4, 8, 8, 2\].*target \[4/],
  ])("%s", async (_, model, message) => {
    const dls = await petLoaders(folder);
    const error = await failure(() => new Learner(dls, model(), { lossFunc: new CrossEntropyLossFlat() }) as never);
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toMatch(message);
  });
});

describe("numbers that are none", () => {
  const rows = Array.from({ length: 10 }, (_, i) => i);
  const loaders = (bad: { x?: number; y?: number }, checkFinite = false) =>
    new DataBlock({
      blocks: [transformBlock<number, number[]>(), regressionBlock()],
      getX: (i: number) => [i / 10, i === 7 ? (bad.x ?? 1) : 1],
      getY: (i: number) => (i === 7 ? (bad.y ?? i) : i),
      splitter: indexSplitter([8, 9]),
    }).dataloaders(rows, { bs: 2, checkFinite });

  test("a loss that became NaN: the fit goes on, the table says so", async () => {
    const learn = new Learner(await petLoaders(folder), small(), { metrics: [accuracy], lr: 1e30 });
    const lines: string[] = [];
    learn.logger = (row) => lines.push(row.join(" "));
    learn.createMbar = false;
    await learn.fit(2);
    expect(lines).toHaveLength(2);
    expect(lines.join()).toContain("NaN");
    expect(learn.recorder?.last("train_loss")).toBeNaN();
    learn.dispose();
  });

  test("TerminateOnNaN ends the fit and names epoch, batch and rate", async () => {
    const cbs = [new TerminateOnNaNCallback({ every: 1 })];
    const learn = new Learner(await petLoaders(folder), small(), { lr: 1e30, cbs });
    await learn.withNoLogging(() => learn.fit(3));
    expect(warnings()).toMatch(/loss is NaN in training batch \d+ of epoch 0.*1e\+30/);
    expect(learn.recorder?.values).toHaveLength(0);
    learn.dispose();
  });

  test("NaN in an input is found when asked for, with its item", async () => {
    const learn = new Learner(await loaders({ x: Number.NaN }), new Linear(2, 1));
    await learn.withNoLogging(() => learn.fit(1));
    expect(learn.recorder?.last("train_loss")).toBeNaN();
    learn.dispose();
    const dls = await loaders({ x: Number.NaN }, true);
    const error = await failure(() => new Learner(dls, new Linear(2, 1)) as unknown as Learner);
    expect(error.message).toMatch(/NaN in element 0 of item 7/);
  });

  test("a target of NaN names the item", async () => {
    const dls = await loaders({ y: Number.NaN });
    const error = await failure(() => new Learner(dls, new Linear(2, 1)) as unknown as Learner);
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(/item 7.*NaN as target/);
  });

  test("lrFind over NaN says so", async () => {
    const learn = new Learner(await loaders({ x: Number.NaN }), new Linear(2, 1));
    await expect(learn.lrFind()).rejects.toThrow(/NaN/);
    expect(learn.findCb(LRFinder)).toBeUndefined();
    learn.dispose();
  });
});

function fail(message: string): never {
  throw new Error(message);
}

function interpret(learn: unknown): Promise<unknown> {
  return ClassificationInterpretation.fromLearner(learn as never);
}
