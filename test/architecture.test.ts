import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = new URL("..", import.meta.url).pathname;

/** Which packages of ours a package may import. ARCHITECTURE.md draws these arrows. */
const arrows: Record<string, readonly string[]> = {
  plot: [],
  core: ["plot"],
  data: ["core", "plot"],
  callbacks: ["core", "plot"],
  vision: ["core", "data", "callbacks", "plot"],
  native: [],
  tabular: ["core", "data", "callbacks", "plot"],
  collab: ["core", "data", "plot", "tabular"],
};

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === "node_modules" || name === "dist" || name.startsWith(".")) return [];
    if (statSync(path).isDirectory()) return sources(path);
    return /\.(ts|mts|mjs)$/.test(name) ? [path] : [];
  });
}

function imports(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((m) => m[1] as string);
}

const packages = readdirSync(join(root, "packages"));

describe("the arrows between packages", () => {
  test("every package has its row", () => {
    expect(packages.sort()).toEqual(Object.keys(arrows).sort());
  });

  test.each(packages)("%s imports only what is below it, by published names", (name) => {
    const allowed = new Set((arrows[name] ?? []).map((p) => `@layerwise/${p}`));
    const wrong = sources(join(root, "packages", name, "src")).flatMap((file) =>
      imports(file)
        .filter((i) => i.startsWith("@layerwise/") || /^(\.\.\/)+packages\//.test(i))
        .filter((i) => !allowed.has(i.split("/").slice(0, 2).join("/")))
        .map((i) => `${file.slice(root.length)}: ${i}`),
    );
    expect(wrong).toEqual([]);
  });

  test("what a package imports stands in its package.json", () => {
    for (const name of packages) {
      const { dependencies = {} } = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
      for (const file of sources(join(root, "packages", name, "src")).filter((f) => !f.endsWith(".test.ts"))) {
        for (const i of imports(file).filter((x) => x.startsWith("@layerwise/"))) {
          expect(Object.keys(dependencies), file).toContain(i.split("/").slice(0, 2).join("/"));
        }
      }
    }
  });

  test("examples import published names only", () => {
    const examples = sources(join(root, "examples"));
    expect(examples.length).toBeGreaterThan(0);
    const wrong = examples.flatMap((f) =>
      imports(f).filter((i) => i.includes("packages/") || /@layerwise\/\w+\/(src|dist)/.test(i)),
    );
    expect(wrong).toEqual([]);
  });
});

describe("files", () => {
  test("say one thing each: none has more than 400 lines", () => {
    const files = ["packages", "examples", "bench", "test", "tools"].flatMap((folder) => sources(join(root, folder)));
    const lines = (file: string): number => readFileSync(file, "utf8").split("\n").length - 1;
    expect(files.length).toBeGreaterThan(500);
    expect(files.filter((file) => lines(file) > 400)).toEqual([]);
  });
});

describe("the doors of packages", () => {
  test.each(packages)("the exports of %s name files that are built", (name) => {
    const { exports: doors } = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
    for (const [door, targets] of Object.entries(doors as Record<string, string | Record<string, string>>)) {
      if (typeof targets === "string") continue;
      for (const target of Object.values(targets)) {
        expect(statSync(join(root, "packages", name, target)).isFile(), `${name} ${door}: ${target}`).toBe(true);
      }
    }
  });
});
