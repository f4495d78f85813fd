import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Datasets } from "./datasets.ts";
import { RandTransform } from "./randTransform.ts";
import { TfmdLists } from "./tfmdLists.ts";
import { type SetupSource, Transform } from "./transform.ts";
import { TransformContext } from "./transformContext.ts";
import { Categorize } from "./transforms/categorize.ts";
import { Tuple } from "./tuple.ts";

class Center extends Transform {
  mean = 0;
  override async setups(items: SetupSource): Promise<void> {
    let sum = 0;
    for (let i = 0; i < items.length; i++) sum += (await items.get(i)) as number;
    this.mean = sum / items.length;
  }
  override encodes(x: number): number {
    return x - this.mean;
  }
  override decodes(x: number): number {
    return x + this.mean;
  }
}

describe("TfmdLists", () => {
  const splits = [
    [0, 2],
    [1, 3],
  ];

  test("transforms learn from training items, as the earlier transforms leave them", async () => {
    const list = await TfmdLists.create([1, 2, 3, 4], [(x: number) => x * 10, new Center()], { splits });
    expect(list.pipeline.find(Center)!.mean).toBe(20);
    expect(await list.many([0, 1])).toEqual([-10, 0]);
    expect(list.decodeAt(3)).toBe(40);
  });

  test("subsets have their items and their split, and share the transforms", async () => {
    const list = await TfmdLists.create([1, 2, 3, 4], [new Center()], { splits });
    expect([list.train.length, list.valid.length, list.nSubsets]).toEqual([2, 2, 2]);
    expect(list.valid.get(1)).toBe(4 - 2);
    expect([list.splitIdx, list.train.splitIdx, list.valid.splitIdx]).toEqual([null, 0, 1]);
    expect(list.valid.pipeline.tfms).toBe(list.pipeline.tfms);
    expect(() => list.subset(2)).toThrow(/subset from 0 to 1/);
    expect(list.newEmpty().length).toBe(0);
  });

  test("without splits everything is training; masks are splits too", () => {
    expect(new TfmdLists([1, 2, 3], []).splits).toEqual([[0, 1, 2], []]);
    const masked = new TfmdLists([1, 2, 3], [], { splits: [[true, false, true], [1]] });
    expect(masked.splits).toEqual([[0, 2], [1]]);
    expect(masked.overlappingSplits()).toBe(false);
    expect(new TfmdLists([1, 2], [], { splits: [[0], [0]] }).overlappingSplits()).toBe(true);
    expect(() => new TfmdLists([1, 2], [], { splits: [[0], [5]] })).toThrow(/position 5 for 2 items/);
  });

  test("a value of a later stage enters the pipeline there", async () => {
    class Parsed {
      readonly n: number;
      constructor(n: number) {
        this.n = n;
      }
    }
    const list = await TfmdLists.create(["1"], [(x: string) => new Parsed(Number(x)), (x: Parsed) => x.n + 1]);
    expect([list.inferIdx("7"), list.inferIdx(new Parsed(7)), list.inferIdx(7)]).toEqual([0, 1, 2]);
    expect([list.infer("7"), list.infer(new Parsed(7)), list.infer(7)]).toEqual([8, 8, 7]);
    expect(() => list.inferIdx(true)).toThrow(/String or Parsed or Number/);
  });
});

describe("Datasets", () => {
  const items = ["cat 1", "dog 2", "cat 3"];
  const make = () =>
    Datasets.create(items, [[(o: string) => Number(o.at(-1))], [(o: string) => o.slice(0, 3), new Categorize()]], {
      splits: [[0, 1], [2]],
    });

  test("a sample is the tuple of the lists' values, and decodes back", async () => {
    const dsets = await make();
    const sample = dsets.get(1) as Tuple;
    expect(sample.at(0)).toBe(2);
    expect(dsets.vocab).toEqual(["cat", "dog"]);
    expect(dsets.c).toBe(2);
    expect(dsets.decode(sample)).toEqual(Tuple.of(2, "dog"));
    expect([dsets.train.length, dsets.valid.length, dsets.nInp]).toEqual([2, 1, 1]);
    expect(dsets.valid.splitIdx).toBe(1);
  });

  test.each([
    [1, 1],
    [2, 1],
    [3, 2],
  ])("%d lists have %d inputs by default", (lists, nInp) => {
    const made = Array.from({ length: lists }, () => new TfmdLists([1], []));
    expect(new Datasets(made).nInp).toBe(nInp);
  });

  test("inputs must be some of the elements", () => {
    expect(() => new Datasets([new TfmdLists([1], [])], { nInp: 2 })).toThrow(/nInp = 2/);
    expect(() => new Datasets([])).toThrow(/no transforms/);
  });

  test("a test set has no labels, but decodes them", async () => {
    const test = (await make()).valid.testSet(["ape 9"]);
    expect((test.get(0) as Tuple).elements).toEqual([9]);
    expect(test.decodeElement(1, 0)).toBe("cat");
    expect(test.vocab).toEqual(["cat", "dog"]);
    const labelled = (await make()).testSet(["dog 9"], { withLabels: true });
    expect((labelled.get(0) as Tuple).length).toBe(2);
  });

  test("another split can be taken on for a while", async () => {
    const tfm = new Transform({ enc: (x: number) => -x, splitIdx: 0 });
    const dsets = new Datasets([new TfmdLists([1, 2], [tfm], { splits: [[0], [1]] })]);
    expect((dsets.valid.get(0) as Tuple).at(0)).toBe(2);
    expect((dsets.valid.withSplitIdx(0).get(0) as Tuple).at(0)).toBe(-2);
  });

  test("each element draws from a generator of its own, however long the others take", async () => {
    class Draw extends RandTransform<number> {
      override beforeCall(_x: unknown, { rng }: TransformContext): number {
        return rng.uniform();
      }
    }
    Draw.on(Number, (_x, _tfm, { draw }) => draw);
    const wait = (ms: number) => async (x: number) => {
      await new Promise((done) => setTimeout(done, ms));
      return x;
    };
    const draws = async (a: number, b: number) => {
      const lists = [a, b].map((ms) => new TfmdLists([1], [wait(ms), new Draw()]));
      return (await new Datasets(lists).get(0, new TransformContext({ splitIdx: 0, seed: 4 }))).elements;
    };
    const [x, y] = await draws(0, 5);
    expect(x).not.toBe(y);
    expect(await draws(5, 0)).toEqual([x, y]);
  });

  test("plain data and back keeps what was learned", async () => {
    const dsets = await Datasets.create(
      [
        [1, "b"],
        [2, "a"],
      ],
      [[], [new Categorize({ vocab: ["a", "b"] })]],
    );
    const copy = Datasets.fromConfig(JSON.parse(JSON.stringify(dsets.toConfig())));
    expect(copy.vocab).toEqual(["a", "b"]);
    expect(copy.length).toBe(0);
  });

  test("decoding undoes encoding, for any numbers", () => {
    const law = fc.asyncProperty(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), async (values) => {
      const dsets = await Datasets.create(values, [[new Center()], [new Center()]]);
      for (let i = 0; i < values.length; i++) {
        const back = dsets.decode(dsets.get(i) as Tuple) as Tuple<number[]>;
        expect(back.elements).toBeAllclose([values[i]!, values[i]!]);
      }
    });
    return fc.assert(law, { numRuns: 20 });
  });
});
