import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/tensor/index.ts", "src/nn/index.ts", "src/losses/index.ts", "src/metrics/index.ts", "src/optim/index.ts", "src/learner/index.ts", "src/files/index.ts"],
  format: ["esm"],
  target: "node20",
  dts: true,
  sourcemap: true,
  splitting: true,
  clean: true,
  noExternal: [/tfjs-core\/dist\/register_all_gradients/],
});
