import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

/** What a bundler makes of an application that imports so much of the library. */
async function bundled(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    format: "esm",
    platform: "node",
    conditions: ["@layerwise/source"],
    external: ["sharp", "@tensorflow/*", "@resvg/*"],
    logLevel: "silent",
    write: false,
  });
  return outputFiles[0]!.text;
}

test.each([
  'import "@layerwise/vision"',
  'import { loadLearner } from "@layerwise/vision/all"; loadLearner("pets.layerwise")',
  'import { imageBlock } from "@layerwise/vision"; imageBlock()',
])("a bundler keeps what files and figures find by name: %s", async (application) => {
  const text = await bundled(application);
  for (const kept of [
    'models.add("visionModel"',
    'transformRegistry.add("OpenImage"',
    'transformRegistry.add("Categorize"',
    '"xresnet50"',
    "addTopLossesRenderer(imageTopLosses)",
    "onShowResults(ImageItem",
  ]) {
    expect(text).toContain(kept);
  }
});
