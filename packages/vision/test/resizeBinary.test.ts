import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("the compiled kernel is that of wasm/resize.ts", async () => {
  const { generate } = (await import(new URL("../wasm/build.mjs", import.meta.url).href)) as {
    generate: () => Promise<string>;
  };
  const file = new URL("../src/image/resizeBinary.ts", import.meta.url);
  expect(readFileSync(file, "utf8")).toBe(await generate());
}, 60_000);
