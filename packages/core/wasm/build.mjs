// Compiles the kernels beside this file and writes them, as base64, to src/backend/wasm/binary.ts.
// Run after a change: node packages/core/wasm/build.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const shared = [
  "--noAssert",
  "--runtime",
  "stub",
  "--importMemory",
  "--noExportMemory",
  "--maximumMemory",
  "65536",
  "-O1",
  "--enable",
  "simd",
];

/** The bytes of one variant, as base64. */
async function compile(flags) {
  const sources = new Map();
  const files = ["index", "elementwise", "norm", "pool", "product", "tiles"];
  for (const name of files) sources.set(`${name}.ts`, readFileSync(new URL(`${name}.ts`, import.meta.url), "utf8"));
  let binary;
  const { error, stderr } = await asc.main(["index.ts", "--outFile", "out.wasm", ...shared, ...flags], {
    readFile: (name) => sources.get(name) ?? null,
    writeFile: (name, contents) => {
      if (name === "out.wasm") binary = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return Buffer.from(binary).toString("base64");
}

/** The text of the generated file. */
export async function generate() {
  const plain = await compile([]);
  const fused = await compile(["--enable", "relaxed-simd"]);
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
