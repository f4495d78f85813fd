import { describe, expect, test } from "vitest";
import { countColor, decodePng } from "../../test/decodePng.ts";
import type { Figure } from "../figure.ts";
import { PlotError } from "../plotError.ts";
import { lineChart } from "./lineChart.ts";
import { logTicks } from "./logTicks.ts";
import { panels } from "./panels.ts";
import { thin, toSegments } from "./segments.ts";

describe("lineChart", () => {
  test("it draws each series in its color, dotted lines and labelled dots", async () => {
    const figure = lineChart({
      series: [
        { name: "train", y: [3, 2, 1] },
        { name: "valid", x: [0, 2], y: [2.5, 1.5], points: true },
      ],
      xLabel: "steps",
      yLabel: "loss",
      title: "Loss",
      vLines: [1],
      marks: [{ x: 1, y: 1.2, label: "valley" }],
    });
    const svg = await figure.toSvg();
    for (const text of ["steps", "loss", "Loss", "train", "valid", "valley"]) expect(svg).toContain(`>${text}</text>`);
    expect(svg).toContain("stroke-dasharray");
    const png = decodePng(await figure.toPng({ scale: 1 }));
    expect(countColor(png, [0x00, 0x72, 0xb2])).toBeGreaterThan(300);
    expect(countColor(png, [0xe6, 0x9f, 0x00])).toBeGreaterThan(300);
    expect(countColor(png, [0x22, 0x22, 0x22], 30)).toBeGreaterThan(100); // the text is there: the font was found
  });

  test("a log axis names powers of ten", async () => {
    const svg = await lineChart({ series: [{ name: "", x: [1e-7, 1e-3, 10], y: [3, 2, 1] }], xScale: "log" }).toSvg();
    expect(svg).toMatch(/>1e.7<\/text>/);
    expect(svg).toMatch(/>1e.5<\/text>/);
    expect(svg).toMatch(/>10<\/text>/);
  });

  test("one value alone is drawn as a dot, in a range of sensible numbers", async () => {
    const figure = lineChart({ series: [{ name: "one", y: [3] }] });
    expect(countColor(decodePng(await figure.toPng()), [0x00, 0x72, 0xb2])).toBeGreaterThan(20);
    expect(await figure.toSvg()).toContain(">3.0</text>");
  });

  test("a domain cuts what lies outside it, in a panel too", async () => {
    const cut = (yDomain: [number, number]) =>
      lineChart({ series: [{ name: "a", y: [0, 10] }], yDomain, xDomain: [0, 1] });
    const ink = async (figure: Figure) =>
      countColor(decodePng(await figure.toPng({ scale: 1 })), [0x00, 0x72, 0xb2], 60);
    const [whole, half] = [await ink(cut([0, 10])), await ink(cut([0, 5]))];
    expect(half).toBeGreaterThan(100);
    expect(half).toBeLessThan(whole * 0.9);
    expect(await ink(panels([cut([0, 5])]))).toBe(half);
  });

  test("tiny numbers are written with an exponent", async () => {
    expect(await lineChart({ series: [{ name: "a", y: [1e-9, 2e-9] }] }).toSvg()).toMatch(/>2e.9<\/text>/);
  });

  test("hostile text stays text", async () => {
    const hostile = '<script>alert(1)</script>&"\u0000';
    const figure = lineChart({
      series: [
        { name: hostile, y: [1, 2] },
        { name: "b", y: [2, 1] },
      ],
      title: hostile,
      xLabel: hostile,
      marks: [{ x: 0, y: 1, label: hostile }],
    });
    expect(await figure.toSvg()).not.toContain("<script");
    expect(await figure.toHtml()).not.toContain("<script");
    await figure.toPng({ scale: 1 });
  });

  test("its text tells range and last value", () => {
    const text = lineChart({ series: [{ name: "loss", y: [3, Number.NaN, 1, 2] }] }).toText();
    expect(text).toBe("loss: 4 values, 1 to 3, last 2");
  });

  test.each([
    ["without a value", () => lineChart({ series: [] })],
    ["without a value", () => lineChart({ series: [{ name: "a", y: [Number.NaN, Infinity] }] })],
    ["without a value", () => lineChart({ series: [{ name: "a", y: [0, -1] }], yScale: "log" })],
    ["2 x and 3 y", () => lineChart({ series: [{ name: "a", x: [1, 2], y: [1, 2, 3] }] })],
    [
      '"a", "a"',
      () =>
        lineChart({
          series: [
            { name: "a", y: [1] },
            { name: "a", y: [1] },
          ],
        }),
    ],
    ["width NaN", () => lineChart({ series: [{ name: "a", y: [1] }], width: Number.NaN })],
  ])("refuses %s", (given, make) => {
    expect(make).toThrow(PlotError);
    expect(make).toThrow(given);
  });
});

describe("toSegments", () => {
  test("a value that cannot be drawn ends a segment", () => {
    const points = toSegments({ name: "a", y: [1, 2, Number.NaN, 4, -1, 6] }, "linear", "log");
    expect(points.map(({ x }) => x)).toEqual([0, 1, 3, 5]);
    expect(points.map(({ segment }) => segment)).toEqual(["a 0", "a 0", "a 1", "a 2"]);
    expect(points.map(({ dot }) => dot)).toEqual([false, false, true, true]);
  });
});

describe("thin", () => {
  test("it keeps first, last, lowest and highest of a long line", () => {
    const points = Array.from({ length: 100_000 }, (_, x) => ({
      x,
      y: x === 51_234 ? 99 : x === 77 ? -99 : Math.sin(x),
    }));
    const kept = thin(points, 2000);
    expect(kept.length).toBeLessThanOrEqual(2000);
    expect(kept[0]).toBe(points[0]);
    expect(kept.at(-1)).toBe(points.at(-1));
    expect(kept).toContain(points[51_234]);
    expect(kept).toContain(points[77]);
  });
});

describe("logTicks", () => {
  test.each([
    [1e-3, 10, [0.001, 0.01, 0.1, 1, 10]],
    [1, 100, [1, 2, 5, 10, 20, 50, 100]],
    [3.1, 3.2, [3.1, 3.2]],
  ])("from %d to %d", (low, high, ticks) => {
    expect(logTicks(low, high)).toEqual(ticks);
  });
});
