import { DataError } from "@layerwise/core";
import { TensorCategory, TensorData, TensorFloat, TensorMultiCategory } from "@layerwise/core/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import golden from "../../test/golden/data.json" with { type: "json" };
import { Pipeline } from "../pipeline.ts";
import { TfmdLists } from "../tfmdLists.ts";
import { type SetupSource, transformFromConfig } from "../transform.ts";
import { Categorize } from "./categorize.ts";
import { type Category, CategoryMap } from "./categoryMap.ts";
import { EncodedMultiCategorize, MultiCategorize } from "./multiCategorize.ts";
import { OneHotEncode } from "./oneHotEncode.ts";
import { RegressionSetup } from "./regressionSetup.ts";

const source = (items: readonly unknown[]): SetupSource => ({ length: items.length, get: (i) => items[i] });
const values = (x: unknown) => Array.from((x as TensorData).values);
/** Through a file and back. */
const reload = (tfm: { toConfig(): Parameters<typeof transformFromConfig>[0] }) =>
  transformFromConfig(JSON.parse(JSON.stringify(tfm.toConfig())));

describe("CategoryMap", () => {
  test.each(golden.vocab)("has fastai's vocabulary of $values, sort $sort, addNa $addNa", (row) => {
    expect(new CategoryMap<Category>(row.values, row).vocab).toEqual(row.vocab);
  });

  test("refuses a text, whose letters would be the classes", () => {
    expect(() => new Categorize({ vocab: "cat" as never })).toThrow(/the text "cat".*\["cat"\]/);
  });

  test("numbers classes and goes back", () => {
    const map = new CategoryMap([4, 2, 3, 4]);
    expect(map.mapObjs([2, 3, 4])).toEqual([0, 1, 2]);
    expect(map.mapIds([2, 0])).toEqual([4, 2]);
    expect(map.equals([2, 3, 4])).toBe(true);
    expect(() => map.mapObjs([5])).toThrow(/the label 5/);
    expect(() => map.at(3)).toThrow(DataError);
  });

  test("leaves missing values out, and maps them to #na# when asked", () => {
    expect(new CategoryMap([1, Number.NaN, null, undefined]).vocab).toEqual([1]);
    const map = new CategoryMap(["b", "a"], { addNa: true });
    expect([map.indexOf("z"), map.indexOf(null), map.indexOf("a")]).toEqual([0, 0, 1]);
  });

  test("keeps the order of ordered categories, with `strict` only those that occur", () => {
    expect(CategoryMap.ordered(["M", "H", "M"], ["H", "M", "L"], { strict: true }).vocab).toEqual(["H", "M"]);
    expect(CategoryMap.ordered(["M"], ["H", "M", "L"]).vocab).toEqual(["H", "M", "L"]);
  });

  test("sorts by code point, and refuses to sort labels of several types", () => {
    expect(new CategoryMap(["\uffee", "\u{1f600}"]).vocab).toEqual(["\uffee", "\u{1f600}"]);
    expect(() => new CategoryMap<Category>(["a", 1])).toThrow(/string "a", number 1/);
    expect(new CategoryMap<Category>(["a", 1], { sort: false }).vocab).toEqual(["a", 1]);
  });
});

describe("Categorize", () => {
  test("learns the classes from the training items alone", async () => {
    const list = await TfmdLists.create(["cat", "dog", "cat", "zebra"], [new Categorize()], {
      splits: [[0, 1, 2], [3]],
    });
    expect(list.vocab).toEqual(["cat", "dog"]);
    expect(list.c).toBe(2);
    expect(list.get(1)).toMatchObject({ kind: TensorCategory, shape: [], dtype: "int32" });
    expect(list.decodeAt(1)).toBe("dog");
    expect(() => list.get(3)).toThrow(/"zebra".*"cat", "dog"/);
  });

  test("gives #na# to unknown and missing labels when asked", async () => {
    const tfm = new Categorize({ addNa: true });
    await tfm.setup(source(["cat", "dog", "cat"]));
    expect(tfm.vocab).toEqual(["#na#", "cat", "dog"]);
    expect(["cat", "cow", null].map((label) => values(tfm.encodes(label))[0])).toEqual([1, 0, 0]);
    expect(tfm.decodes(2)).toBe("dog");
  });

  test("sorts a given vocabulary unless told not to", () => {
    expect(new Categorize({ vocab: ["dog", "cat"] }).vocab).toEqual(["cat", "dog"]);
    const tfm = new Categorize({ vocab: ["dog", "cat"], sort: false, addNa: true });
    expect(values(tfm.encodes("dog"))).toEqual([1]);
    expect(tfm.decodes(2)).toBe("cat");
  });

  test("survives a file, learned or given", async () => {
    const tfm = new Categorize({ addNa: true });
    await tfm.setup(source(["b", "a"]));
    expect((reload(tfm) as Categorize).vocab).toEqual(["#na#", "a", "b"]);
    const kept = reload(new Categorize({ vocab: ["b", "a"], sort: false })) as Categorize;
    expect(kept.vocab).toEqual(["b", "a"]);
  });

  test("warns of a single class, and refuses none", async () => {
    const warnings: string[] = [];
    await new Categorize({ warn: (message) => warnings.push(message) }).setup(source(["cat", "cat"]));
    expect(warnings).toEqual([expect.stringContaining('all 2 training items have the label "cat"')]);
    await expect(new Categorize().setup(source([null, Number.NaN]))).rejects.toThrow(
      /2 training items without a label/,
    );
  });

  test("says what to do about a list, a missing label, and a label of another type", () => {
    const tfm = new Categorize({ vocab: ["1", "23"] });
    expect(() => tfm.encodes(["1"] as never)).toThrow(/multiCategoryBlock/);
    expect(() => tfm.encodes(null)).toThrow(/addNa/);
    expect(() => tfm.encodes(23)).toThrow(/the string 23, the label is a number/);
    expect(() => tfm.encodes("24")).toThrow(/perhaps "2?[13]"/);
    expect(() => new Categorize().encodes("a")).toThrow(/before the classes are known/);
  });

  test("decoding undoes encoding", () => {
    const law = fc.property(fc.uniqueArray(fc.string(), { minLength: 1 }), (vocab) => {
      const tfm = new Categorize({ vocab });
      for (const label of vocab) expect(tfm.decodes(tfm.encodes(label))).toBe(label);
    });
    fc.assert(law);
  });
});

describe("MultiCategorize and OneHotEncode", () => {
  const lists = [["b", "c"], ["a"], ["a", "c"], []];

  test("learn a sorted vocabulary and encode lists", async () => {
    const list = await TfmdLists.create(lists, [new MultiCategorize(), new OneHotEncode()]);
    expect(list.vocab).toEqual(["a", "b", "c"]);
    expect(list.c).toBe(3);
    expect(await Promise.all(lists.map((_, i) => list.get(i)))).toMatchObject(
      [
        [0, 1, 1],
        [1, 0, 0],
        [1, 0, 1],
        [0, 0, 0],
      ].map((row) => ({ kind: TensorMultiCategory, values: Float32Array.from(row), shape: [3], dtype: "float32" })),
    );
    expect(list.decode(new TensorData(TensorMultiCategory, [3], Float32Array.of(0, 1, 1)))).toEqual(["b", "c"]);
    expect(list.decodeAt(3)).toEqual([]);
  });

  test("keep the order of a given vocabulary", () => {
    expect(values(new MultiCategorize({ vocab: ["c", "a"] }).encodes(["a", "c"]))).toEqual([1, 0]);
  });

  test("name all unknown labels, also with addNa", () => {
    const tfm = new MultiCategorize({ vocab: ["a"], addNa: true });
    expect(() => tfm.encodes(["a", "x", "y"])).toThrow(/labels "x", "y"/);
    expect(() => tfm.encodes("a" as never)).toThrow(/labelDelim/);
    expect(() => new OneHotEncode().encodes([0])).toThrow(/new OneHotEncode\(c\)/);
    expect(() => new OneHotEncode(2).encodes([2])).toThrow(/0…1/);
  });

  test("survive a file", async () => {
    const list = await TfmdLists.create(lists, [new MultiCategorize({ addNa: true }), new OneHotEncode()]);
    const again = Pipeline.fromConfig(JSON.parse(JSON.stringify(list.pipeline.toConfig())));
    expect(again.vocab).toEqual(["#na#", "a", "b", "c"]);
    expect(values(again.call(["b"]))).toEqual([0, 0, 1, 0]);
  });
});

describe("EncodedMultiCategorize", () => {
  const tfm = new EncodedMultiCategorize(["a", "b", "c"]);

  test("takes a 0 or 1 per class and gives names", () => {
    const x = tfm.encodes([0, true, 1]);
    expect(values(x)).toEqual([0, 1, 1]);
    expect(tfm.decodes(x)).toEqual(["b", "c"]);
    expect((reload(tfm) as typeof tfm).c).toBe(3);
  });

  test("refuses other numbers and lengths", () => {
    expect(() => tfm.encodes([0, 1])).toThrow(/each of 3 classes/);
    expect(() => tfm.encodes([0, 1, 2])).toThrow(DataError);
    expect(() => new EncodedMultiCategorize([])).toThrow(/no vocab/);
  });
});

describe("RegressionSetup", () => {
  test.each([
    [[0, 1, 2], 1, []],
    [
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      3,
      [3],
    ],
  ])("of %j predicts %i", async (targets, c, shape) => {
    const list = await TfmdLists.create(targets, [new RegressionSetup()]);
    expect(list.c).toBe(c);
    expect(list.get(1)).toMatchObject({ kind: TensorFloat, shape, dtype: "float32" });
    expect(list.decodeAt(1)).toEqual(targets[1]);
  });

  test("reads a prediction of one number as a number where targets are", async () => {
    const tfm = new RegressionSetup();
    await tfm.setup(source([1]));
    const out = new TensorData(TensorFloat, [1], Float32Array.of(0.5));
    expect(tfm.decodes(out)).toBe(0.5);
    const list = new RegressionSetup();
    await list.setup(source([[1]]));
    expect((reload(list) as RegressionSetup).decodes(out)).toEqual([0.5]);
  });

  test("refuses what is not a finite number, and lists of another length", async () => {
    const tfm = new RegressionSetup();
    await tfm.setup(source([[1, 2]]));
    expect(() => tfm.encodes([1])).toThrow(/2 numbers/);
    for (const bad of [Number.NaN, null, "3"]) expect(() => tfm.encodes([1, bad] as never)).toThrow(DataError);
  });
});
