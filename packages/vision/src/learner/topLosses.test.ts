import type { InterpretedItem } from "@layerwise/core/learner";
import type { ImageGridData } from "@layerwise/plot";
import { describe, expect, test } from "vitest";
import { gradient } from "../../test/pictures.ts";
import { ImageItem } from "../image/imageItem.ts";
import { MaskItem } from "../image/maskItem.ts";
import { imageTopLosses } from "./topLosses.ts";

const x = new ImageItem(gradient(6, 4));
const item = <Y>(y: Y, predicted: Y, probs: number[], loss = 1.23456): InterpretedItem<unknown, unknown> => ({
  index: 0,
  x,
  y,
  predicted,
  probs,
  loss,
});

const gridOf = (items: readonly InterpretedItem<unknown, unknown>[]) => imageTopLosses(items)!.data as ImageGridData;

describe("imageTopLosses", () => {
  test("a class: prediction, actual, loss and probability above the picture", () => {
    const { cells } = gridOf([item("cat", "dog", [0.25, 0.75])]);
    expect(cells.map(({ title }) => title)).toEqual(["dog / cat / 1.23 / 0.75"]);
  });

  test("several labels: numbered pictures and a table", () => {
    const text = imageTopLosses([item(["a"], ["a", "b"], [0.9, 0.6]), item([], ["b"], [0.1, 0.7])])?.toText();
    expect(text).toMatch(/Image 1.*a;b.*0\.90 0\.60.*1\.2346/);
  });

  test("a number: no probability", () => {
    expect(gridOf([item(3, 2.5, [2.5])]).cells[0]?.title).toBe("2.5000 / 3 / 1.23");
  });

  test("a mask: input, target and prediction in a row, however many pixels", async () => {
    const mask = new MaskItem({ width: 6, height: 4, channels: 1, data: new Uint8Array(24) }, ["sky"]);
    const items = [item(mask, mask, new Array<number>(300_000).fill(0.5))];
    const { cells, columnTitles } = gridOf(items);
    expect([cells.length, columnTitles?.length, cells[2]?.title]).toEqual([3, 3, "1.2346"]);
    expect(await imageTopLosses(items)?.toSvg()).toContain("sky");
  });

  test("leaves other inputs to others", () => {
    expect(imageTopLosses([{ ...item("a", "b", [1]), x: "text" }])).toBeUndefined();
    expect(imageTopLosses([])).toBeUndefined();
  });
});
