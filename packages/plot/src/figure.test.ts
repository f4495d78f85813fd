import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { decodePng } from "../test/decodePng.ts";
import { Figure } from "./figure.ts";
import { heatMap } from "./marks/heatMap.ts";
import { imageGrid } from "./marks/imageGrid.ts";
import { table } from "./marks/table.ts";
import { PlotError } from "./plotError.ts";

const image = { width: 2, height: 2, channels: 1, data: Uint8Array.of(0, 255, 255, 0) } as const;
const figure = imageGrid([{ image, title: "checks" }], { cellSize: 100 });
const log = table({ columns: ["epoch", "loss"], rows: [[0, 0.5]] });

const ESC = "\u001b";

describe("Figure", () => {
  test("nothing is drawn until an output asks, and then once", async () => {
    const draw = vi.fn(async () => ({ svg: '<svg xmlns="http://www.w3.org/2000/svg"/>', width: 1, height: 1 }));
    const own = new Figure({ kind: "own", data: { a: 1 }, draw, toText: ({ a }) => `a is ${a}` });
    expect(own.data.a).toBe(1);
    expect(`${own}`).toBe("a is 1");
    expect(draw).not.toHaveBeenCalled();
    await own.toSvg();
    await own.toHtml();
    expect(draw).toHaveBeenCalledTimes(1);
  });

  test.each([
    [{ scale: 1 }, 128],
    [{}, 256],
    [{ width: 300 }, 300],
  ])("a PNG with %o is %d pixels wide", async (options, width) => {
    expect(decodePng(await figure.toPng(options)).width).toBe(width);
  });

  test.each([{ scale: 0 }, { scale: Number.NaN }, { width: -3 }, { scale: 1000 }])(
    "refuses a PNG with %o",
    async (options) => {
      await expect(figure.toPng(options)).rejects.toThrow(PlotError);
    },
  );

  test("a notebook gets one bundle to choose from", async () => {
    const kernel = figure as unknown as Record<symbol, () => Promise<Record<string, string>>>;
    const made = await kernel[Symbol.for("Jupyter.display")]!();
    expect(Object.keys(made)).toEqual(["image/svg+xml", "text/html", "text/plain"]);
    expect(made["image/svg+xml"]).toMatch(/^<svg /);
    expect(made["text/html"]).toContain("<svg ");
    expect(made["text/plain"]).toBe("images: 1 (checks)");
  });
});

describe("save", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "plot-test-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test.each([
    ["a.svg", /^<svg /],
    ["deep/er/a.html", /^<!doctype html>[\s\S]*<svg /],
    ["A.TXT", /^images: 1/],
  ])("%s is what its name says, and nothing else is left", async (name, content) => {
    await figure.save(join(folder, name));
    expect(await readFile(join(folder, name), "utf8")).toMatch(content);
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".tmp"));
    expect(files).toEqual([]);
  });

  test("a.png is a PNG", async () => {
    await figure.save(join(folder, "a.png"));
    expect(decodePng(await readFile(join(folder, "a.png"))).width).toBe(256);
  });

  test("refuses a name of another kind", async () => {
    await expect(figure.save(join(folder, "a.gif"))).rejects.toMatchObject({ where: "save", expected: /\.svg/ });
  });

  test("what cannot be written leaves nothing behind", async () => {
    await figure.save(join(folder, "a.txt"));
    await expect(figure.save(join(folder, "a.txt", "b.txt"))).rejects.toThrow(PlotError);
    expect(await readdir(folder)).toEqual(["a.txt"]);
  });
});

describe("show", () => {
  const TERMINAL_VARIABLES = [
    "TERM",
    "TERM_PROGRAM",
    "TERM_PROGRAM_VERSION",
    "LC_TERMINAL",
    "KITTY_WINDOW_ID",
    "KITTY_PID",
  ];

  async function shown(what: Figure, environment: Record<string, string>, isTTY = true): Promise<string> {
    for (const name of [
      ...TERMINAL_VARIABLES,
      "KONSOLE_VERSION",
      "WEZTERM_PANE",
      "WEZTERM_UNIX_SOCKET",
      "GHOSTTY_RESOURCES_DIR",
    ]) {
      vi.stubEnv(name, environment[name]);
    }
    let written = "";
    await what.show({ stream: { isTTY, write: (text: string) => (written += text) } });
    vi.unstubAllEnvs();
    return written;
  }

  test("Kitty gets a PNG in chunks", async () => {
    const noise = Array.from({ length: 64 }, (_, i) =>
      Array.from({ length: 64 }, (_, j) => (i * 7919 + j * 104729) % 251),
    );
    const written = await shown(heatMap({ values: noise, axes: false }), { TERM: "xterm-kitty" });
    const chunks = [...written.matchAll(new RegExp(`${ESC}_G([^;]*);([^${ESC}]*)${ESC}\\\\`, "g"))];
    expect(chunks[0]![1]).toBe("a=T,f=100,m=1");
    expect(chunks.at(-1)![1]).toBe("m=0");
    expect(chunks.every(([, , data]) => data!.length <= 4096)).toBe(true);
    expect(decodePng(Buffer.from(chunks.map(([, , data]) => data).join(""), "base64")).width).toBe(500);
  });

  test("iTerm2 gets a PNG with its width", async () => {
    const written = await shown(figure, { TERM_PROGRAM: "iTerm.app", TERM_PROGRAM_VERSION: "3.5.0" });
    const [, size, data] = /File=inline=1;size=(\d+);width=128px:([\w+/=]*)/.exec(written)!;
    expect(written.startsWith(`${ESC}]1337;File=`) && written.endsWith("\u0007\n")).toBe(true);
    const png = Buffer.from(data!, "base64");
    expect(png.length).toBe(Number(size));
    expect(decodePng(png).width).toBe(256);
  });

  test("a Sixel terminal gets Sixels", async () => {
    const written = await shown(figure, { TERM: "mlterm" });
    expect(written.startsWith(`${ESC}P`) && written.endsWith(`${ESC}\\\n`)).toBe(true);
  });

  test.each([
    ["a plain terminal", { TERM: "xterm-256color" }, true],
    ["a pipe", { TERM: "xterm-kitty" }, false],
  ])("%s gets the path of a PNG file", async (_, environment, isTTY) => {
    const path = (await shown(figure, environment, isTTY)).trim();
    expect(path).toMatch(/imageGrid\.png$/);
    expect(decodePng(await readFile(path)).width).toBe(256);
    await rm(join(path, ".."), { recursive: true });
  });

  test("a table is printed as text", async () => {
    expect(await shown(log, { TERM: "xterm-kitty" })).toBe("epoch  loss\n-----  ----\n    0   0.5\n");
  });
});
