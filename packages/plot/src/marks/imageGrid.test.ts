import { describe, expect, test } from "vitest";
import { decodePng, pixelAt } from "../../test/decodePng.ts";
import type { Pixels } from "../pixels/pixels.ts";
import { PlotError } from "../plotError.ts";
import { imageGrid } from "./imageGrid.ts";

/** Left half one color, right half another. */
function halves(width: number, height: number, left: number[], right: number[]): Pixels {
  const data = Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? left : right)).flat();
  return { width, height, channels: left.length as 1 | 3 | 4, data: Uint8Array.from(data) };
}

const MARGIN = 14;

describe("imageGrid", () => {
  test("the pixels of the picture are the pixels of the file", async () => {
    const figure = imageGrid([{ image: halves(2, 2, [255, 0, 0], [0, 0, 255]) }], { cellSize: 100 });
    const png = decodePng(await figure.toPng({ scale: 1 }));
    expect([png.width, png.height]).toEqual([128, 128]);
    expect(pixelAt(png, 2, 2)).toEqual([255, 255, 255]);
    expect(pixelAt(png, MARGIN + 10, MARGIN + 50)).toEqual([255, 0, 0]);
    expect(pixelAt(png, MARGIN + 90, MARGIN + 50)).toEqual([0, 0, 255]);
  });

  test.each([
    ["gray", [30, 30, 30]],
    ["grays-inverted", [225, 225, 225]],
  ] as const)("one channel with the colormap %s", async (colormap, color) => {
    const image = { width: 1, height: 1, channels: 1, data: Uint8Array.of(30) } as const;
    const png = decodePng(await imageGrid([{ image, colormap }]).toPng({ scale: 1 }));
    expect(pixelAt(png, 80, 80)).toEqual(color);
  });

  test("a transparent pixel shows the white page", async () => {
    const image = { width: 1, height: 1, channels: 4, data: Uint8Array.of(0, 0, 0, 0) } as const;
    const png = decodePng(await imageGrid([{ image }]).toPng({ scale: 1 }));
    expect(pixelAt(png, 80, 80)).toEqual([255, 255, 255]);
  });

  test("a mask lies over the picture in gray, a color for each class", async () => {
    const image = halves(2, 1, [255, 255, 255], [200, 0, 0]);
    const mask = { width: 2, height: 1, data: [0, 1], codes: ["sky", "road"] };
    const figure = imageGrid([{ image, mask }], { cellSize: 100 });
    const png = decodePng(await figure.toPng({ scale: 1 }));
    expect(pixelAt(png, MARGIN + 20, MARGIN + 20)).toEqual([77, 145, 183]); // white and #0072B2
    expect(pixelAt(png, MARGIN + 80, MARGIN + 20)).toEqual([176, 133, 38]); // the gray of red and #E69F00
    expect(await figure.toSvg()).toContain(">road</text>");
    const opaque = imageGrid([{ image, mask: { ...mask, opacity: 1 } }], { cellSize: 100 });
    expect(pixelAt(decodePng(await opaque.toPng({ scale: 1 })), MARGIN + 80, MARGIN + 20)).toEqual([230, 159, 0]);
  });

  test("points are red dots; one that is not finite is left out", async () => {
    const points = [
      [1, 1],
      [Number.NaN, 1],
      [1, Number.POSITIVE_INFINITY],
    ] as Array<[number, number]>;
    const figure = imageGrid([{ image: halves(2, 2, [0, 0, 0], [0, 0, 0]), points }], { cellSize: 100 });
    const png = decodePng(await figure.toPng({ scale: 1 }));
    expect(pixelAt(png, MARGIN + 50, MARGIN + 50)).toEqual([232, 0, 11]);
    expect((await figure.toSvg()).match(/<circle/g)).toHaveLength(1);
  });

  test("boxes bear their label; the boxes that fill a batch up are left out", async () => {
    const boxes = [
      { x1: 2, y1: 2, x2: 8, y2: 8, label: "cat <b>" },
      { x1: 0, y1: 0, x2: 0, y2: 0, label: "#na#" },
    ];
    const svg = await imageGrid([{ image: halves(10, 10, [9, 9, 9], [9, 9, 9]), boxes }], { cellSize: 100 }).toSvg();
    expect(svg).toContain(">cat &lt;b&gt;</text>");
    expect(svg).not.toContain("#na#");
    expect(svg).toContain('<rect x="20" y="20" width="60" height="60"');
  });

  test("titles are colored by right and wrong, and escaped", async () => {
    const image = halves(2, 2, [0, 0, 0], [0, 0, 0]);
    const svg = await imageGrid([
      { image, title: '<script>&"', titleColor: "bad" },
      { image, title: "β 猫", titleColor: "good" },
    ]).toSvg();
    expect(svg).toMatch(/fill="#C0410C">&lt;script&gt;&amp;&quot;<\/text>/);
    expect(svg).toMatch(/fill="#00754F">β 猫<\/text>/);
    expect(svg).not.toContain("<script");
  });

  test("column titles make as many columns", async () => {
    const cell = { image: halves(2, 2, [0, 0, 0], [0, 0, 0]) };
    const columnTitles = ["Input", "Target", "Prediction"];
    const { width } = await imageGrid(Array(6).fill(cell), { columnTitles, cellSize: 100 }).draw();
    expect(width).toBe(3 * 100 + 2 * 14 + 2 * MARGIN);
  });

  test.each([
    [1, 1],
    [2, 2],
    [3, 3],
    [9, 3],
    [10, 4],
  ])("%d pictures stand in %d columns", async (count, cols) => {
    const cell = { image: halves(1, 1, [0, 0, 0], [0, 0, 0]) };
    const { width } = await imageGrid(Array(count).fill(cell), { cellSize: 50 }).draw();
    expect(width).toBe(cols * 50 + (cols - 1) * 14 + 2 * MARGIN);
  });

  test("a large photo is stored at about twice the size shown", async () => {
    const image = { width: 2000, height: 1500, channels: 3, data: new Uint8Array(2000 * 1500 * 3) } as const;
    const svg = await imageGrid([{ image }], { cellSize: 100 }).toSvg();
    const png = decodePng(Buffer.from(/base64,([^"]+)/.exec(svg)![1]!, "base64"));
    expect([png.width, png.height]).toEqual([200, 150]);
  });

  test.each([
    ["no pictures", () => imageGrid([])],
    ["values", () => imageGrid([{ image: { width: 2, height: 2, channels: 3, data: new Uint8Array(4) } }])],
    ["0x2", () => imageGrid([{ image: { width: 0, height: 2, channels: 3, data: new Uint8Array(0) } }])],
    ["a mask of 1x1", () => imageGrid([{ image: halves(2, 2, [0], [0]), mask: { width: 1, height: 1, data: [0] } }])],
    [
      "opacity 2",
      () => imageGrid([{ image: halves(1, 1, [0], [0]), mask: { width: 1, height: 1, data: [0], opacity: 2 } }]),
    ],
    ["cols 0", () => imageGrid([{ image: halves(2, 2, [0], [0]) }], { cols: 0 })],
    ["cellSize 1", () => imageGrid([{ image: halves(2, 2, [0], [0]) }], { cellSize: 1 })],
  ])("refuses %s", (given, make) => {
    expect(make).toThrow(PlotError);
    expect(make).toThrow(given);
  });
});
