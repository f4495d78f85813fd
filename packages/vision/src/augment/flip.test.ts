import { OptionError } from "@layerwise/core";
import { TensorBBox, TensorImage, TensorMask, TensorPoint } from "@layerwise/core/tensor";
import { TransformContext, Tuple, transformFromConfig } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { gradient } from "../../test/pictures.ts";
import { ImageItem } from "../image/imageItem.ts";
import { Dihedral } from "./dihedral.ts";
import { DihedralItem, symmetries } from "./dihedralItem.ts";
import { Flip } from "./flip.ts";
import { FlipItem } from "./flipItem.ts";

const train = (seed: number) => new TransformContext({ splitIdx: 0, seed });
const images = (n: number, size = 3) => new TensorImage(tf.randomUniform([n, size, size, 3], 0, 1, "float32", 7));

describe("FlipItem", () => {
  test("twice is the picture itself", () => {
    const item = new ImageItem(gradient(5, 4));
    const flip = new FlipItem({ p: 1 });
    const once = flip.call(item, train(1)) as ImageItem;
    expect(once.data).not.toEqual(item.data);
    expect((flip.call(once, train(1)) as ImageItem).data).toEqual(item.data);
  });

  test("does nothing on validation", () => {
    const item = new ImageItem(gradient(5, 4));
    expect(new FlipItem({ p: 1 }).call(item, new TransformContext({ splitIdx: 1 }))).toBe(item);
  });
});

describe("Flip", () => {
  test("image, mask, points and boxes of a sample turn together, each sample by itself", () => {
    const n = 32;
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const x = tf.reshape(tf.range(0, n * 4), [n, 1, 4]);
      const batch = Tuple.of(
        new TensorImage(tf.reshape(x, [n, 1, 4, 1])),
        new TensorMask(tf.cast(x, "int32")),
        new TensorPoint(tf.fill([n, 1, 2], 0.5)),
        new TensorBBox(tf.tile(tf.tensor3d([[[-0.5, 0, 0.25, 1]]]), [n, 1, 1])),
      );
      const out = new Flip().call(batch, train(3)) as typeof batch;
      const [image, mask, points, boxes] = out.elements.map(({ data }) => Array.from(data.dataSync()));
      const turned = Array.from({ length: n }, (_, i) => points![2 * i] === -0.5);
      expect(turned.filter(Boolean).length).toBeGreaterThan(5);
      expect(turned.filter(Boolean).length).toBeLessThan(27);
      for (const [i, isTurned] of turned.entries()) {
        const row = [0, 1, 2, 3].map((k) => i * 4 + k);
        const expected = isTurned ? row.reverse() : row;
        expect(image!.slice(i * 4, i * 4 + 4)).toEqual(expected);
        expect(mask!.slice(i * 4, i * 4 + 4)).toEqual(expected);
        expect(boxes!.slice(i * 4, i * 4 + 4)).toEqual(isTurned ? [-0.25, 0, 0.5, 1] : [-0.5, 0, 0.25, 1]);
      }
      expect(out.at(1)?.data.dtype).toBe("int32");
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test("`batch` makes one draw for all", () => {
    tf.tidy(() => {
      const x = images(8);
      const flip = new Flip({ batch: true });
      const results = [1, 2, 3, 4, 5, 6].map((seed) => {
        const { data } = flip.call(x, train(seed)) as TensorImage;
        const same = tf.equal(data, x.data).dataSync().every(Boolean);
        if (!same) expect(data).toBeAllclose(tf.reverse(x.data, 2), { rtol: 0, atol: 0 });
        return same;
      });
      expect(new Set(results).size).toBe(2);
    });
  });

  test("refuses a probability above 1, and options that do not exist", () => {
    expect(() => new Flip({ p: 2 })).toThrow(OptionError);
    expect(() => new Flip({ prob: 1 } as object)).toThrow(/"prob".*did you mean "p"/);
    expect(() => new Dihedral({ bath: true } as object)).toThrow(/Dihedral.*did you mean "batch"/);
    expect(() => new FlipItem({ prob: 1 } as object)).toThrow(/FlipItem.*did you mean "p"/);
    expect(() => new DihedralItem({ prob: 1 } as object)).toThrow(/DihedralItem.*did you mean "p"/);
  });
});

test.each([new Flip({ p: 0.25, batch: true }), new Dihedral(), new FlipItem(), new DihedralItem({ p: 0.5 })])(
  "a file can name %s",
  (tfm) => {
    const { name, args } = JSON.parse(JSON.stringify(tfm.toConfig()));
    expect(transformFromConfig({ name, args }).toConfig()).toEqual(tfm.toConfig());
  },
);

describe("Dihedral", () => {
  test("makes of a batch what DihedralItem makes of each picture", () => {
    const item = new ImageItem(gradient(4, 4));
    for (const [k, draw] of symmetries.entries()) {
      const single = new DihedralItem();
      single.beforeCall = () => draw;
      const expected = (single.call(item, train(0)) as ImageItem).data;
      const batched = new Dihedral();
      batched.beforeCall = () => [k, 0];
      tf.tidy(() => {
        const one = tf.tensor4d(Array.from(item.data), [1, 4, 4, 3]);
        const { data } = batched.call(new TensorImage(tf.concat([one, one])), train(0)) as TensorImage;
        expect(tf.slice(data, 0, 1)).toBeAllclose(expected);
        expect(tf.slice(data, 1, 1)).toBeAllclose(item.data);
      });
    }
  });

  test("the eight symmetries differ", () => {
    const item = new ImageItem(gradient(4, 4));
    const seen = symmetries.map((draw) => {
      const tfm = new DihedralItem();
      tfm.beforeCall = () => draw;
      return [...(tfm.call(item, train(0)) as ImageItem).data].join();
    });
    expect(new Set(seen).size).toBe(8);
    expect(seen[0]).toBe([...item.data].join());
  });

  test("wants square pictures", () => {
    tf.tidy(() => {
      const wide = new TensorImage(tf.zeros([2, 3, 4, 3]));
      expect(() => new Dihedral().call(wide, train(1))).toThrow(/square/);
    });
  });
});
