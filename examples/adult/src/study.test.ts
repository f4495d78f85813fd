import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { study } from "./study.ts";

test("the survey from npm: a network and a forest do better than guessing, and pictures are drawn", async () => {
  const report = await mkdtemp(join(tmpdir(), "layerwise-adult-"));
  try {
    const found = await study({ data: "wages", epochs: 4, bs: 64, report });
    expect(found.accuracy).toBeGreaterThan(0.55); // the classes are halves
    expect(found.forestAccuracy).toBeGreaterThan(0.55);
    const pictures = ["rows", "loss", "results", "confusion", "importance", "dependence", "forest", "overview"];
    expect((await readdir(report)).sort()).toEqual([...pictures.map((n) => `${n}.png`), "salary.safetensors"].sort());
  } finally {
    await rm(report, { recursive: true, force: true });
  }
}, 120_000);
