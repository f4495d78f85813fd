import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/all.ts"],
  format: ["esm"],
  target: "node20",
  sourcemap: true,
  splitting: true,
  keepNames: true, // files, summaries and messages say class names
  clean: ["!**/*.d.ts", "!**/*.d.ts.map"], // those are tsc's
});
