import { describe, expect, test } from "vitest";
import { Getter } from "./getter.ts";
import { composeTfms, Pipeline } from "./pipeline.ts";
import { type SetupSource, Transform } from "./transform.ts";
import { TransformContext } from "./transformContext.ts";
import { ToTensor } from "./transforms/toTensor.ts";

class Add extends Transform {
  readonly amount: number;
  constructor(amount: number, order = 0) {
    super({ order });
    this.amount = amount;
  }
  override encodes(x: number): number {
    return x + this.amount;
  }
  override decodes(x: number): number {
    return x - this.amount;
  }
}
class Double extends Transform {
  override order = 1;
  override encodes(x: number): number {
    return 2 * x;
  }
  override decodes(x: number): number {
    return x / 2;
  }
}

describe("Pipeline", () => {
  test("runs members by order, ties in the given order, and decodes in reverse", () => {
    class PointScaler extends Add {}
    class Resize extends Add {}
    class FlipItem extends Add {}
    const pipeline = new Pipeline([ToTensor, new PointScaler(1, 1), new Resize(1, 1), new FlipItem(1, 0)]);
    expect(pipeline.toString()).toBe("Pipeline: FlipItem -> PointScaler -> Resize -> ToTensor");
    const small = new Pipeline([new Double(), new Add(3)]);
    expect(small.call(1)).toBe(8);
    expect(small.decode(8)).toBe(1);
  });

  test("waits for a promise in the middle, and for none otherwise", async () => {
    const pipeline = new Pipeline([new Add(1), async (x: number) => x * 10, new Add(2)]);
    const out = pipeline.call(1);
    expect(out).toBeInstanceOf(Promise);
    expect(await out).toBe(22);
    expect(new Pipeline([new Add(1)]).call(1)).toBe(2);
    const decode = new Pipeline([new Transform({ dec: async (x: number) => -x }), new Add(1)]);
    expect(await decode.decode(3)).toBe(-2);
  });

  test("each member learns while only the earlier ones are active", async () => {
    const seen: unknown[] = [];
    class Learn extends Transform {
      override async setups(items: SetupSource): Promise<void> {
        seen.push(await items.get(0));
      }
      override encodes(x: number): number {
        return x * 100;
      }
    }
    const pipeline = new Pipeline([new Add(1), new Learn(), new Double()]);
    await pipeline.setup({ length: 1, get: () => pipeline.call(5) });
    expect(seen).toEqual([6]);
    expect(pipeline.call(5)).toBe(1200);
  });

  test("keeps all members when one of them cannot learn", async () => {
    class Bad extends Transform {
      override setups(): void {
        throw new Error("cannot learn");
      }
    }
    const pipeline = new Pipeline([new Add(1), new Bad(), new Double()]);
    await expect(pipeline.setup({ length: 0, get: () => 0 })).rejects.toThrow("cannot learn");
    expect(pipeline.length).toBe(3);
  });

  test("its own split is used by calls without a context", () => {
    const tfm = new Transform({ enc: () => "training", splitIdx: 0 });
    expect(new Pipeline([tfm], { splitIdx: 0 }).call("x")).toBe("training");
    expect(new Pipeline([tfm], { splitIdx: 1 }).call("x")).toBe("x");
    expect(new Pipeline([tfm]).call("x")).toBe("x");
    expect(new Pipeline([tfm]).call("x", new TransformContext({ splitIdx: 0 }))).toBe("training");
  });

  test("finds members by class and by name", () => {
    const add = new Add(1);
    const pipeline = new Pipeline([add, new Double(), new Double()]);
    expect(pipeline.find(Add)).toBe(add);
    expect(pipeline.get("Double")).toHaveLength(2);
    expect(pipeline.get("Missing")).toEqual([]);
  });

  test("a pipeline made of another shares its members", () => {
    const first = new Pipeline([new Add(1)]);
    const second = new Pipeline(first, { splitIdx: 1 });
    expect(second.tfms).toBe(first.tfms);
  });

  test("gathers what its members know: nothing, one value, several", () => {
    const withVocab = (vocab: string[]) => Object.assign(new Transform(), { vocab });
    expect(new Pipeline([new Add(1)]).vocab).toBeUndefined();
    expect(new Pipeline([withVocab(["a"])]).vocab).toEqual(["a"]);
    expect(new Pipeline([withVocab(["a"]), withVocab(["b"])]).vocab).toEqual([["a"], ["b"]]);
  });

  test("an export leaves out a user's getter, and refuses a transform that no file can name", () => {
    expect(new Pipeline([new Getter((x) => x, "getX"), ToTensor]).toConfig()).toEqual([{ name: "ToTensor", args: {} }]);
    expect(() => new Pipeline([(x: number) => x]).toConfig()).toThrow(/transformRegistry/);
    expect(Pipeline.fromConfig([{ name: "ToTensor", args: {} }]).find(ToTensor)).toBeInstanceOf(ToTensor);
  });
});

describe("composeTfms", () => {
  test("applies in order or reversed, to encode or decode", () => {
    const tfms = [new Add(1), new Double()];
    expect(composeTfms(3, tfms)).toBe(8);
    expect(composeTfms(3, tfms, { reverse: true })).toBe(7);
    expect(composeTfms(8, tfms, { reverse: true, decode: true })).toBe(3);
  });
});
