import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("the committed kernels are what their sources compile to", { timeout: 60_000 }, async () => {
  const { generate } = (await import(new URL("../../../wasm/build.mjs", import.meta.url).href)) as {
    generate: () => Promise<string>;
  };
  expect(await generate()).toBe(readFileSync(new URL("./binary.ts", import.meta.url), "utf8"));
});
