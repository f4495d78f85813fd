import { buildSync } from "esbuild";
import { defineConfig } from "vitest/config";

// tfjs-core's gradients are 200 small ESM files that Node cannot load as they are: one bundle, made once.
const gradients = new URL("./node_modules/.cache/layerwise/gradients.mjs", import.meta.url).pathname;
buildSync({
  entryPoints: ["@tensorflow/tfjs-core/dist/register_all_gradients.js"],
  bundle: true,
  format: "esm",
  platform: "node",
  outfile: gradients,
  banner: { js: 'import "@tensorflow/tfjs-core";' }, // the bundle has a copy within; the real one has to come first
  logLevel: "error",
});

export default defineConfig({
  resolve: {
    conditions: ["@layerwise/source"],
    alias: { "@tensorflow/tfjs-core/dist/register_all_gradients.js": gradients },
  },
  ssr: { resolve: { conditions: ["@layerwise/source", "node", "import", "module", "default"] } },
  test: {
    include: [
      "packages/*/{src,test}/**/*.test.ts",
      "examples/*/**/*.test.ts",
      "bench/src/**/*.test.ts",
      "test/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/dist/**"],
    setupFiles: ["./test/setup.ts"],
    server: { deps: { inline: [/@layerwise\//] } },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: "forks",
    reporters: ["default"],
  },
});
