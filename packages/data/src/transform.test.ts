import { StateError, setSeed } from "@layerwise/core";
import { TensorData, TensorImage, TensorImageBase, TensorImageBW, TensorMask } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { InplaceTransform, ItemTransform } from "./itemTransform.ts";
import { RandTransform } from "./randTransform.ts";
import { mkTransform, Transform, transformFromConfig, transformRegistry } from "./transform.ts";
import { mixSeed, TransformContext } from "./transformContext.ts";
import { SkipItemError, TransformError } from "./transformError.ts";
import { Tuple } from "./tuple.ts";

class Animal {
  readonly sound: string;
  constructor(sound = "") {
    this.sound = sound;
  }
}
class Dog extends Animal {}
class Puppy extends Dog {}

const train = new TransformContext({ splitIdx: 0 });
const valid = new TransformContext({ splitIdx: 1 });

describe("Transform tables", () => {
  test("the most specific row of the value's class chain wins, own transform class before its bases", () => {
    class Name extends Transform {}
    class LoudName extends Name {}
    Name.on(Animal, () => "animal");
    Name.on(Dog, () => "dog");
    LoudName.on(Dog, () => "DOG");
    expect(new Name().call(new Animal())).toBe("animal");
    expect(new Name().call(new Puppy())).toBe("dog");
    expect(new LoudName().call(new Puppy())).toBe("DOG");
    expect(new LoudName().call(new Animal())).toBe("animal");
  });

  test("a row that is added later counts from then on", () => {
    class Late extends Transform {}
    const late = new Late();
    expect(late.call(3)).toBe(3);
    Late.on(Number, (x) => x + 1);
    expect(late.call(3)).toBe(4);
    Late.on(Object, () => "any");
    expect(late.call("text")).toBe("any");
    expect(late.call(3)).toBe(4);
  });

  test("a value without a row passes through; a method serves what no row is for", () => {
    class Twice extends Transform {
      override encodes(x: number): number {
        return 2 * x;
      }
    }
    Twice.on(String, (x) => x + x);
    expect(new Twice().call(4)).toBe(8);
    expect(new Twice().call("ab")).toBe("abab");
    expect(new Twice().decode(4)).toBe(4);
    expect(new Transform().call("same")).toBe("same");
  });

  test("one sample's numbers go by their kind", () => {
    class ToText extends Transform {}
    ToText.onData(TensorImageBase, null, (x) => `picture ${x.shape.join("x")}`);
    ToText.onData(TensorMask, null, () => "mask");
    expect(new ToText().decode(new TensorData(TensorImageBW, [2, 2, 1], new Uint8Array(4)))).toBe("picture 2x2x1");
    expect(new ToText().decode(new TensorData(TensorMask, [2, 2], new Uint8Array(4)))).toBe("mask");
  });

  test("rows know the types of their value and of their transform", () => {
    class Add extends Transform {
      readonly amount = 5;
    }
    Add.on(Number, (x, tfm, ctx) => {
      expectTypeOf(x).toEqualTypeOf<number>();
      expectTypeOf(tfm).toEqualTypeOf<Add>();
      expectTypeOf(ctx.draw).toEqualTypeOf<undefined>();
      return x + tfm.amount;
    });
    expect(new Add().call(1)).toBe(6);
  });
});

describe("Transform.call", () => {
  test("a transform for one split leaves the others, and a missing split, alone", () => {
    const tfm = new Transform({ enc: (x: number) => -x, dec: (x: number) => x + 1, splitIdx: 0 });
    expect(tfm.call(2, train)).toBe(-2);
    expect(tfm.call(2, valid)).toBe(2);
    expect(tfm.call(2)).toBe(2);
    expect(tfm.decode(2, train)).toBe(3);
    expect(tfm.decode(2)).toBe(2);
  });

  test("goes into nested tuples, takes an array as one value", () => {
    class Describe extends Transform {}
    Describe.on(Number, (x) => x + 1);
    Describe.on(Array, (x) => x.length);
    const out = new Describe().call(Tuple.of(1, ["a", "b", "c"], Tuple.of(5, "kept")));
    expect(out).toEqual(Tuple.of(2, 3, Tuple.of(6, "kept")));
  });

  test("keeps a tensor's kind and meta when a row answers with a bare or a more general tensor", () => {
    class Halve extends Transform {}
    Halve.on(TensorImageBase, (x) => tf.div(x.data, 2));
    const mask = new TensorMask(tf.tensor1d([2, 4]), { codes: ["road"] });
    const out = new Halve().call(mask) as TensorMask;
    expect(out).toBeInstanceOf(TensorMask);
    expect(out.meta.codes).toEqual(["road"]);
    expect(out.data).toBeAllclose([1, 2]);

    class Wrap extends Transform {}
    Wrap.on(TensorImage, (x) => new TensorImage(tf.clone(x.data), { imgSize: [4, 4] }));
    const grey = new TensorImageBW(tf.zeros([1, 2, 2, 1]));
    const kept = new Wrap().call(grey) as TensorImageBW;
    expect(kept).toBeInstanceOf(TensorImageBW);
    expect(kept.meta.imgSize).toEqual([4, 4]);
    for (const t of [mask, out, grey, kept]) t.dispose();
  });

  test("answers at once for values that are there, with a promise for those that are not", async () => {
    const read = new Transform({ enc: async (x: number) => x * 10 });
    const out = read.call(Tuple.of(1, 2));
    expect(out).toBeInstanceOf(Promise);
    expect(await out).toEqual(Tuple.of(10, 20));
    expect(new Transform({ enc: (x: number) => x * 10 }).call(Tuple.of(1, 2))).toEqual(Tuple.of(10, 20));
  });

  test.each(["sync", "async"])("an error (%s) is rethrown with the transform, the item and its cause", async (mode) => {
    const cause = new Error("no such layer");
    const boom = new Transform({
      name: "Boom",
      enc: () => {
        if (mode === "async") return Promise.reject(cause);
        throw cause;
      },
    });
    const ctx = new TransformContext({ item: "a/b.jpg" });
    const error = await (async () => boom.call(1, ctx))().catch((e: TransformError) => e);
    expect(error).toBeInstanceOf(TransformError);
    expect(error).toMatchObject({ transform: "Boom", item: "a/b.jpg", cause });
    expect((error as TransformError).message).toMatch(/Boom on item "a\/b.jpg".*no such layer/);
  });

  test("a skip is no error", () => {
    const skip = new Transform({
      enc: () => {
        throw new SkipItemError();
      },
    });
    expect(() => skip.call(1)).toThrow(SkipItemError);
  });
});

describe("Transform.setup", () => {
  const items = { length: 3, get: (i: number) => i, train: { length: 1, get: () => 7 } };
  class Learn extends Transform {
    seen = 0;
    override setups(source: { length: number }): void {
      this.seen = source.length;
    }
  }
  test.each([
    [false, null, 3],
    [true, null, 1],
    [true, false, 3],
    [false, true, 1],
  ] as const)("argument %s, own flag %s: sees %d items", async (argument, own, seen) => {
    const tfm = new Learn();
    tfm.trainSetup = own;
    await tfm.setup(items, argument);
    expect(tfm.seen).toBe(seen);
  });

  test("an error within setups is not swallowed", async () => {
    class Bad extends Transform {
      override setups(): void {
        throw new TypeError("bug");
      }
    }
    await expect(new Bad().setup(items)).rejects.toThrow("bug");
  });
});

describe("RandTransform", () => {
  class Shift extends RandTransform<number> {
    override beforeCall(_x: unknown, { rng }: TransformContext): number {
      return rng.uniform();
    }
  }
  Shift.on(Number, (x, _tfm, { draw }) => {
    expectTypeOf(draw).toEqualTypeOf<number>();
    return x + draw;
  });

  test("a sample shares one draw, and only training items are changed", () => {
    const out = new Shift().call(Tuple.of(0, 1), new TransformContext({ splitIdx: 0, seed: 1 })) as Tuple<number[]>;
    expect(out.at(1)! - out.at(0)!).toBe(1);
    expect(out.at(0)).not.toBe(0);
    expect(new Shift().call(5, valid)).toBe(5);
    expect(new Shift({ p: 0 }).call(5, train)).toBe(5);
  });

  test("the draw follows from the item's seed, not from the shared generator", () => {
    setSeed(1);
    const a = new Shift().call(0, new TransformContext({ splitIdx: 0, seed: 9 }));
    setSeed(2);
    expect(new Shift().call(0, new TransformContext({ splitIdx: 0, seed: 9 }))).toBe(a);
    expect(mixSeed(9, 0)).not.toBe(mixSeed(9, 1));
  });

  test("p is the share of changed samples, and must be a probability", () => {
    let changed = 0;
    for (let i = 0; i < 1000; i++) {
      const ctx = new TransformContext({ splitIdx: 0, seed: mixSeed(3, i) });
      if (new Shift({ p: 0.3 }).call(0, ctx) !== 0) changed++;
    }
    expect(changed).toBeGreaterThan(250);
    expect(changed).toBeLessThan(350);
    expect(() => new Shift({ p: 1.5 })).toThrow(/Shift: got p = 1.5/);
  });
});

describe("ItemTransform and InplaceTransform", () => {
  test("an item transform gets the tuple, and an array it returns becomes one", () => {
    class Swap extends ItemTransform {
      override encodes(x: Tuple): unknown[] {
        return [x.at(1), x.at(0)];
      }
    }
    expect(new Swap().call(Tuple.of(1, 2))).toEqual(Tuple.of(2, 1));
  });

  test("an in-place transform hands on what it was given", async () => {
    const value = { n: 1 };
    const tfm = new InplaceTransform({ enc: async (x: { n: number }) => void x.n++ });
    expect(await tfm.call(value)).toBe(value);
    expect(value.n).toBe(2);
  });
});

describe("export of transforms", () => {
  class Scale extends Transform {
    readonly by: number;
    constructor(by: number) {
      super();
      this.by = by;
    }
    override encodes(x: number): number {
      return x * this.by;
    }
    override toArgs(): { by: number } {
      return { by: this.by };
    }
  }
  transformRegistry.add("Scale", (args) => new Scale(args.by as number));

  test("a registered transform comes back from plain data", () => {
    const config = JSON.parse(JSON.stringify(new Scale(3).toConfig()));
    expect(config).toEqual({ name: "Scale", args: { by: 3 } });
    expect(transformFromConfig(config).call(5)).toBe(15);
  });

  test("one that no file can name says how to register it", () => {
    const anonymous = mkTransform(function lastLetter(x: string) {
      return x.at(-1);
    });
    expect(() => anonymous.toConfig()).toThrow(StateError);
    expect(() => anonymous.toConfig()).toThrow(/transformRegistry.add\("lastLetter"/);
  });
});

describe("mkTransform", () => {
  test("takes transforms, classes and functions", () => {
    const tfm = new Transform();
    expect(mkTransform(tfm)).toBe(tfm);
    expect(mkTransform(Transform)).toBeInstanceOf(Transform);
    expect(mkTransform((x: number) => x + 1).call(1)).toBe(2);
  });

  test("a wrapped function gets the value alone, and its own order counts", () => {
    const seen: unknown[] = [];
    const fn = Object.assign((...args: never[]) => seen.push(...args), { order: 7 });
    const tfm = mkTransform(fn);
    tfm.call(1);
    expect(seen).toEqual([1]);
    expect(tfm.order).toBe(7);
  });
});
