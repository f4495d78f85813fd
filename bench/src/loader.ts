import { join } from "node:path";
import { setSeed } from "@layerwise/core";
import { ImageDataLoaders, Resize } from "@layerwise/vision";
import { defineBenchmark } from "./harness/benchmark.ts";
import { ourVersions } from "./harness/versions.ts";
import { writeJpegs, writePngs } from "./harness/writePictures.ts";

type Loaders = Awaited<ReturnType<typeof ImageDataLoaders.fromFolder>>;

/** Items per second of each pass; one more pass before them warms up. */
async function itemsPerSecond(dls: Loaders, passes: number): Promise<number[]> {
  const samples: number[] = [];
  for (let pass = 0; pass <= passes; pass++) {
    const start = performance.now();
    for await (const batch of dls.train) batch.dispose();
    samples.push(dls.train.itemCount / ((performance.now() - start) / 1000));
  }
  return samples.slice(1);
}

export default defineBenchmark({
  name: "loader",
  about: "Files to batches: JPEG to a 224 px crop, one at a time and in parallel; small PNG files",
  unit: "items/s",
  better: "more",
  peers: { fastai: "loader.py" },
  params: (scale) => ({
    jpegs: scale === "quick" ? 16 : scale === "full" ? 1024 : 256,
    pngs: scale === "quick" ? 128 : scale === "full" ? 16_384 : 4096,
    width: 500,
    height: 375,
    crop: 224,
    bs: scale === "quick" ? 8 : 64,
    passes: scale === "quick" ? 1 : 3,
  }),
  async prepare({ folder, params }) {
    const { jpegs, pngs, width, height } = params;
    await writeJpegs(join(folder, "jpeg"), jpegs, width, height);
    await writePngs(join(folder, "png"), pngs, 28);
    return params;
  },
  async ours({ folder, params: { bs, crop, passes } }) {
    setSeed(42);
    const jpeg = { bs, validPct: 0, itemTfms: [new Resize(crop)] };
    const sources = {
      "jpeg, one at a time": () => ImageDataLoaders.fromFolder(join(folder, "jpeg"), { ...jpeg, workers: 1 }),
      "jpeg, parallel": () => ImageDataLoaders.fromFolder(join(folder, "jpeg"), jpeg),
      "png, one at a time": () =>
        ImageDataLoaders.fromFolder(join(folder, "png"), { bs, validPct: 0, bw: true, workers: 1 }),
      "png, parallel": () => ImageDataLoaders.fromFolder(join(folder, "png"), { bs, validPct: 0, bw: true }),
    };
    const samples: Record<string, number[]> = {};
    for (const [name, make] of Object.entries(sources)) samples[name] = await itemsPerSecond(await make(), passes);
    return { samples, versions: await ourVersions() };
  },
});
