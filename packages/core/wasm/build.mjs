// Compiles the kernels beside this file and writes them, as base64, to src/backend/wasm/binary.ts.
// Run after a change: node packages/core/wasm/build.mjs
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileWasm } from "../../../tools/compileWasm.mjs";

const entry = new URL("index.ts", import.meta.url);
const flags = ["--maximumMemory", "65536", "-O1"];

/** The text of the generated file. */
export async function generate() {
  const plain = await compileWasm(entry, flags);
  const fused = await compileWasm(entry, [...flags, "--enable", "relaxed-simd"]);
  return `// Written by wasm/build.mjs from wasm/*.ts. Do not edit.

/** Our kernels, compiled. \`relaxed\` multiplies and adds in one instruction, where the engine can. */
export const wasmBinary = {
  plain:
    "${plain}",
  relaxed:
    "${fused}",
};
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL("../src/backend/wasm/binary.ts", import.meta.url), await generate());
}
