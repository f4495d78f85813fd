// Compiles the kernels beside this file and writes them, as base64, to src/image: resize.ts to resizeBinary.ts, jpeg.ts to
// jpegBinary.ts. Run after a change: node packages/vision/wasm/build.mjs
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileWasm } from "../../../tools/compileWasm.mjs";

/** What is compiled, and what it is. */
export const kernels = { resize: "The resizing kernel", jpeg: "The JPEG decoder" };

/** The text of the file that is generated from a kernel. */
export async function generate(name) {
  const binary = await compileWasm(new URL(`${name}.ts`, import.meta.url), ["-O3"]);
  return `// Written by wasm/build.mjs from wasm/${name}.ts. Do not edit.

/** ${kernels[name]}, compiled. */
export const ${name}Binary =
  "${binary}";
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of Object.keys(kernels)) {
    writeFileSync(new URL(`../src/image/${name}Binary.ts`, import.meta.url), await generate(name));
  }
}
