import { defineConfig } from "tsup";

export default defineConfig({
  entry: [
    "src/index.ts",
    "src/tensor/index.ts",
    "src/nn/index.ts",
    "src/losses/index.ts",
    "src/metrics/index.ts",
    "src/optim/index.ts",
    "src/learner/index.ts",
    "src/files/index.ts",
    "src/testing/index.ts",
  ],
  format: ["esm"],
  target: "node20",
  sourcemap: true,
  splitting: true,
  keepNames: true, // files, summaries and messages say class names
  clean: ["!**/*.d.ts", "!**/*.d.ts.map"], // those are tsc's
  noExternal: [/tfjs-core\/dist\/register_all_gradients/],
});
