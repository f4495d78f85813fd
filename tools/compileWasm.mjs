import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";

const shared = ["--noAssert", "--runtime", "stub", "--importMemory", "--noExportMemory", "--enable", "simd"];

/**
 * Compiles AssemblyScript to WebAssembly, as base64 for a source file.
 * @param entry - URL of the file to compile; files that it imports lie beside it
 * @param flags - for the compiler, beside those that all our kernels share
 */
export async function compileWasm(entry, flags) {
  const name = entry.pathname.split("/").at(-1);
  let binary;
  const { error, stderr } = await asc.main([name, "--outFile", "out.wasm", ...shared, ...flags], {
    readFile: (file) => (/^\w+\.ts$/.test(file) ? read(new URL(file, entry)) : null),
    writeFile: (file, contents) => {
      if (file === "out.wasm") binary = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return Buffer.from(binary).toString("base64");
}

/** The compiler asks for files that are not there, too. */
function read(url) {
  try {
    return readFileSync(url, "utf8");
  } catch {
    return null;
  }
}
