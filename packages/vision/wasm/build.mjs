// Compiles the kernels beside this file and writes them, as base64, to src/image: resize.ts to resizeBinary.ts, jpeg.ts to
// jpegBinary.ts. Run after a change: node packages/vision/wasm/build.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const flags = ["--noAssert", "--runtime", "stub", "--importMemory", "--noExportMemory", "-O3", "--enable", "simd"];

/** What is compiled, and what it is. */
export const kernels = { resize: "The resizing kernel", jpeg: "The JPEG decoder" };

/** The text of the file that is generated from a kernel. */
export async function generate(name) {
  let binary;
  const { error, stderr } = await asc.main([`${name}.ts`, "--outFile", "out.wasm", ...flags], {
    readFile: (file) => (/^\w+\.ts$/.test(file) ? readFileSync(new URL(file, import.meta.url), "utf8") : null),
    writeFile: (file, contents) => {
      if (file === "out.wasm") binary = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return `// Written by wasm/build.mjs from wasm/${name}.ts. Do not edit.

/** ${kernels[name]}, compiled. */
export const ${name}Binary =
  "${Buffer.from(binary).toString("base64")}";
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of Object.keys(kernels)) {
    writeFileSync(new URL(`../src/image/${name}Binary.ts`, import.meta.url), await generate(name));
  }
}
