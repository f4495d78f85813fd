import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test.each(["resize", "jpeg"])(
  "the compiled kernel is that of wasm/%s.ts",
  async (name) => {
    const { generate } = (await import(new URL("../wasm/build.mjs", import.meta.url).href)) as {
      generate: (name: string) => Promise<string>;
    };
    const file = new URL(`../src/image/${name}Binary.ts`, import.meta.url);
    expect(readFileSync(file, "utf8")).toBe(await generate(name));
  },
  60_000,
);
