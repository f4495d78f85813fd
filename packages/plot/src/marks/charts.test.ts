import { describe, expect, test } from "vitest";
import { countColor, decodePng, pixelAt } from "../../test/decodePng.ts";
import { PlotError } from "../plotError.ts";
import { barChart } from "./barChart.ts";
import { heatMap } from "./heatMap.ts";
import { histogram } from "./histogram.ts";
import { lineChart } from "./lineChart.ts";
import { panels } from "./panels.ts";
import { table } from "./table.ts";

const BLUE = [0x00, 0x72, 0xb2];

describe("barChart", () => {
  test.each([false, true])("a bar for each finite value (horizontal: %s)", async (horizontal) => {
    const labels = ["<b>", "age", "none"];
    const figure = barChart({ labels, values: [2, -1, Number.NaN], horizontal, title: "Importance" });
    const svg = await figure.toSvg();
    expect(svg).toContain(">&lt;b&gt;</text>");
    expect(countColor(decodePng(await figure.toPng({ scale: 1 })), BLUE)).toBeGreaterThan(1000);
    expect(figure.toText()).toContain("age: -1");
  });

  test("a name with any character stands as it is", async () => {
    const svg = await barChart({ labels: ["a\u2028b\\n\"'`{1}", "b"], values: [1, 2] }).toSvg();
    expect(svg).toContain("a\u2028b\\n\"'`{1}</text>");
  });

  test.each([
    ["1 labels and 2 values", () => barChart({ labels: ["a"], values: [1, 2] })],
    ["none finite", () => barChart({ labels: [], values: [] })],
  ])("refuses %s", (given, make) => {
    expect(make).toThrow(PlotError);
    expect(make).toThrow(given);
  });
});

describe("histogram", () => {
  test("it counts into equal bins, the largest value in the last", () => {
    const { counts, edges, skipped } = histogram({ values: [0, 1, 2, 3, 4, Number.NaN], bins: 2 }).data;
    expect(counts).toEqual([2, 3]);
    expect(edges).toEqual([0, 2, 4]);
    expect(skipped).toBe(1);
  });

  test("equal values stand in one bin", async () => {
    const figure = histogram({ values: [5, 5, 5], bins: 4 });
    expect(figure.data.counts.reduce((a, b) => a + b)).toBe(3);
    expect(countColor(decodePng(await figure.toPng({ scale: 1 })), BLUE)).toBeGreaterThan(1000);
  });

  test.each([
    ["none finite", () => histogram({ values: [Number.NaN] })],
    ["bins 0", () => histogram({ values: [1], bins: 0 })],
  ])("refuses %s", (given, make) => {
    expect(make).toThrow(PlotError);
    expect(make).toThrow(given);
  });
});

describe("heatMap", () => {
  test("the first row is on top, and the text of a cell above half the maximum is white", async () => {
    const figure = heatMap({
      values: [
        [10, 0],
        [4, 6],
      ],
      xLabels: ["cat", "<dog>"],
      yLabels: ["cat", "<dog>"],
      annotate: true,
    });
    const svg = await figure.toSvg();
    const fillOf = (text: string) => new RegExp(`fill="([^"]*)"[^>]*>${text}</text>`).exec(svg)?.[1];
    expect(["10", "6", "4", "0"].map(fillOf)).toEqual(["white", "white", "black", "black"]);
    expect(svg).toContain("rotate(270)");
    expect(svg).toContain("&lt;dog&gt;");
    const png = decodePng(await figure.toPng({ scale: 1 }));
    const dark = firstPixel(png, [0x08, 0x30, 0x6b]);
    const light = firstPixel(png, [0xf7, 0xfb, 0xff]);
    expect(light.x).toBeGreaterThan(dark.x); // the 10 is left of the 0, in the same row
    expect(light.y).toBe(dark.y);
  });

  test("without axes, cells are plain pixels, and the first row can be at the bottom", async () => {
    const values = [
      [1, 1],
      [0, Number.NaN],
    ];
    const figure = heatMap({ values, colormap: "viridis", origin: "bottom", axes: false, width: 100, height: 100 });
    const png = decodePng(await figure.toPng({ scale: 1 }));
    expect([png.width, png.height]).toEqual([120, 120]);
    expect(pixelAt(png, 35, 100)).toEqual([0xfd, 0xe7, 0x25]); // viridis ends in yellow: row 0
    expect(pixelAt(png, 35, 20)).toEqual([0x44, 0x01, 0x54]); // and begins in violet: row 1
    expect(pixelAt(png, 100, 20)).toEqual([255, 255, 255]); // NaN stays empty
  });

  test.each([true, false])("with axes %s, the title tells right from wrong by color", async (axes) => {
    const options = { values: [[1, 2]], title: "saw", axes };
    expect(await heatMap({ ...options, titleColor: "good" }).toSvg()).toContain('fill="#00754F"');
    expect(await heatMap({ ...options, titleColor: "bad" }).toSvg()).toContain('fill="#C0410C"');
    expect(await heatMap(options).toSvg()).toContain('fill="#222222"');
  });

  test("a matrix of zeros is light, and a cell that is not finite stays empty", async () => {
    expect(await heatMap({ values: [[0, 0]] }).toSvg()).toContain("rgb(247, 251, 255)");
    const svg = await heatMap({ values: [[Number.NaN, 1]], annotate: true }).toSvg();
    expect(svg).not.toContain("NaN");
    await heatMap({ values: [[Number.NaN]] }).toPng({ scale: 1 });
  });

  test("a thousand classes are drawn as pixels", async () => {
    const values = Array.from({ length: 1000 }, () => new Float32Array(1000));
    expect((await heatMap({ values, annotate: true }).toSvg()).length).toBeLessThan(100_000);
  });

  test.each([
    ["a matrix of 0x0", () => heatMap({ values: [] })],
    ["a matrix of 1x0", () => heatMap({ values: [[]] })],
    ["1 values in row 1", () => heatMap({ values: [[1, 2], [3]] })],
    ["1 xLabels", () => heatMap({ values: [[1, 2]], xLabels: ["a"] })],
  ])("refuses %s", (given, make) => {
    expect(make).toThrow(PlotError);
    expect(make).toThrow(given);
  });
});

describe("table", () => {
  const figure = table({
    columns: ["name", "loss"],
    rows: [
      ['<img src=x onerror="1">', 0.123456789],
      ["猫", null],
    ],
  });

  test("text is aligned, numbers to the right", () => {
    expect(figure.toText().split("\n")).toEqual([
      "name                         loss",
      "-----------------------  --------",
      '<img src=x onerror="1">  0.123457',
      "猫",
    ]);
  });

  test("HTML is a table whose cells are escaped", async () => {
    const html = await figure.toHtml();
    expect(html).toContain("<table");
    expect(html).toContain("&lt;img src=x onerror=&quot;1&quot;&gt;");
    expect(html).not.toContain("<img");
  });

  test("it can be drawn", async () => {
    expect(decodePng(await figure.toPng({ scale: 1 })).width).toBeGreaterThan(100);
    expect((await table({ columns: ["empty"], rows: [] }).draw()).height).toBeGreaterThan(0);
  });

  test("a very long one is cut where it is drawn, and says so", async () => {
    const long = table({ columns: ["n"], rows: Array.from({ length: 200_000 }, (_, i) => [i]) });
    expect(await long.toSvg()).toContain("… 199500 more rows");
    expect(long.toText().split("\n")).toHaveLength(200_002);
  });

  test("refuses a ragged row", () => {
    expect(() => table({ columns: ["a", "b"], rows: [["1"]] })).toThrow("1 values in row 0");
    expect(() => table({ columns: [], rows: [] })).toThrow("no columns");
  });
});

describe("panels", () => {
  test("figures stand beside each other, and share no ids", async () => {
    const chart = lineChart({ series: [{ name: "a", y: [1, 2] }], xDomain: [0, 1] });
    const one = await chart.draw();
    const both = panels([chart, chart, table({ columns: ["a"], rows: [["b"]] })], { cols: 2, title: "All" });
    const { width, height, svg } = await both.draw();
    expect(width).toBe(2 * one.width);
    expect(height).toBeGreaterThan(one.height);
    const ids = [...svg.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(countColor(decodePng(await both.toPng({ scale: 1 })), BLUE)).toBeGreaterThan(500);
  });

  test("refuses none", () => {
    expect(() => panels([])).toThrow(PlotError);
    expect(() => panels([table({ columns: ["a"], rows: [] })], { cols: 1.5 })).toThrow("cols 1.5");
  });
});

function firstPixel(png: ReturnType<typeof decodePng>, color: number[]): { x: number; y: number } {
  for (let y = 0; y < png.height; y++) {
    for (let x = 0; x < png.width; x++) if (pixelAt(png, x, y).every((value, c) => value === color[c])) return { x, y };
  }
  throw new Error(`no pixel of ${color}`);
}
