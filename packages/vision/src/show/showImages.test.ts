import type { ImageGridData } from "@layerwise/plot";
import { describe, expect, test } from "vitest";
import { gradient } from "../../test/pictures.ts";
import { ImageItem, ImageItemBW } from "../image/imageItem.ts";
import { MaskItem } from "../image/maskItem.ts";
import {
  showImagePairResults,
  showImagePairs,
  showImageResults,
  showImages,
  showMaskResults,
  showMasks,
} from "./showImages.ts";

const x = new ImageItem(gradient(6, 4));
const mask = new MaskItem({ width: 6, height: 4, channels: 1, data: new Uint8Array(24) }, ["sky"]);
const dataOf = (figure: { data: unknown }) => figure.data as ImageGridData;

describe("pictures with labels", () => {
  test("stand below their label, several joined, none left out", () => {
    const { cells } = dataOf(
      showImages([
        { x, y: "cat" },
        { x, y: ["a", "b"] },
        { x, y: 0.123456 },
        { x, y: undefined },
      ]),
    );
    expect(cells.map(({ title }) => title)).toEqual(["cat", "a;b", "0.1235", undefined]);
  });

  test("results are green where prediction and target agree, else red", () => {
    const { cells, title } = dataOf(
      showImageResults([
        { x, y: "cat", pred: "cat" },
        { x, y: ["a"], pred: ["a", "b"] },
        { x, y: undefined, pred: "dog" },
      ]),
    );
    expect(title).toBe("Target / Prediction");
    expect(cells.map((cell) => [cell.title, cell.titleColor])).toEqual([
      ["cat\ncat", "good"],
      ["a\na;b", "bad"],
      ["dog", undefined],
    ]);
  });

  test("gray ones are shown as ink on paper", () => {
    const gray = new ImageItemBW(gradient(6, 4, 1));
    expect(dataOf(showImages([{ x: gray, y: 3 }])).cells[0]).toMatchObject({ title: "3", colormap: "grays-inverted" });
  });
});

test("masks lie over their pictures, with names; results side by side", async () => {
  expect(dataOf(showMasks([{ x, y: mask }])).cells[0]?.mask?.codes).toEqual(["sky"]);
  const figure = showMaskResults([{ x, y: mask, pred: mask }]);
  expect(dataOf(figure).columnTitles).toEqual(["Target", "Prediction"]);
  expect(await figure.toSvg()).toContain("sky");
  const unlabeled = dataOf(showMaskResults([{ x, y: undefined, pred: mask }]));
  expect([unlabeled.columnTitles, unlabeled.cells[0]?.mask]).toEqual([["Input", "Prediction"], undefined]);
});

test("pictures stand beside the pictures they are to become", () => {
  expect(dataOf(showImagePairs([{ x, y: x }])).columnTitles).toEqual(["Input", "Target"]);
  expect(dataOf(showImagePairResults([{ x, y: x, pred: x }])).cells.length).toBe(3);
  expect(dataOf(showImagePairResults([{ x, y: undefined, pred: x }])).columnTitles).toEqual(["Input", "Prediction"]);
});
