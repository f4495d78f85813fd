// Bundles tfjs-core, the conformance tests that it publishes and our backend into one program with one engine.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
const native = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const core = join(dirname(require.resolve("@tensorflow/tfjs-core/package.json")), "dist");
const cpu = join(dirname(require.resolve("@tensorflow/tfjs-backend-cpu/package.json")), "dist", "index.js");

/** Writes the program; gives its path. */
export async function bundle() {
  const folder = join(native, "node_modules", ".cache", "conformance");
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, "tests.mjs");
  await build({
    stdin: {
      contents: `
        import "@tensorflow/tfjs-core/dist/index.js";
        import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
        import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
        import { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util.js";
        import { env } from "@tensorflow/tfjs-core";
        import ${JSON.stringify(join(native, "src", "index.ts"))};
        env().set("IS_NODE", true);
        setTestEnvs([{ name: "native", backendName: "native", isDataSync: true }]);
        await import("@tensorflow/tfjs-core/dist/tests.js");
      `,
      resolveDir: native,
    },
    outfile,
    bundle: true,
    ignoreAnnotations: true, // tests are nothing but side effects
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
    conditions: ["@layerwise/source"],
    alias: {
      "@tensorflow/tfjs-core/dist": core,
      "@tensorflow/tfjs-core": join(core, "index.js"),
      "@tensorflow/tfjs-backend-cpu": cpu,
    },
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
  });
  return outfile;
}
