import { describe, expect, test } from "vitest";
import { countColor, decodePng } from "../../test/decodePng.ts";
import { PlotError } from "../plotError.ts";
import { scatterChart } from "./scatterChart.ts";

describe("scatterChart", () => {
  test("a dot and a name for each finite pair", async () => {
    const figure = scatterChart({ x: [0, 1, Number.NaN], y: [2, -1, 0], labels: ["<b>", "", "lost"], title: "Map" });
    const svg = await figure.toSvg();
    expect(svg).toContain(">&lt;b&gt;</text>");
    expect(svg).not.toContain("lost");
    expect(countColor(decodePng(await figure.toPng({ scale: 1 })), [0x33, 0x8e, 0xc1])).toBeGreaterThan(20);
    expect(figure.toText()).toBe("Map\n<b>: (0, 2)\n(1, -1)");
  });

  test.each([
    ["1 x, 2 y", () => scatterChart({ x: [1], y: [1, 2] })],
    ["1 labels", () => scatterChart({ x: [1, 2], y: [1, 2], labels: ["a"] })],
    ["none finite", () => scatterChart({ x: [Number.NaN], y: [1] })],
  ])("refuses %s", (given, make) => {
    expect(make).toThrow(PlotError);
    expect(make).toThrow(given);
  });
});
