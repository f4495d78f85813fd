// Compiles the kernel beside this file and writes it, as base64, to src/image/resizeBinary.ts.
// Run after a change: node packages/vision/wasm/build.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const flags = ["--noAssert", "--runtime", "stub", "--importMemory", "--noExportMemory", "-O3", "--enable", "simd"];

/** The text of the generated file. */
export async function generate() {
  const source = readFileSync(new URL("resize.ts", import.meta.url), "utf8");
  let binary;
  const { error, stderr } = await asc.main(["resize.ts", "--outFile", "out.wasm", ...flags], {
    readFile: (name) => (name === "resize.ts" ? source : null),
    writeFile: (name, contents) => {
      if (name === "out.wasm") binary = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return `// Written by wasm/build.mjs from wasm/resize.ts. Do not edit.

/** The resizing kernel, compiled. */
export const resizeBinary =
  "${Buffer.from(binary).toString("base64")}";
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL("../src/image/resizeBinary.ts", import.meta.url), await generate());
}
