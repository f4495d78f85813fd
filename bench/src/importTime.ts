import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { defineBenchmark } from "./harness/benchmark.ts";
import { ourVersions } from "./harness/versions.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const program = `
  const start = performance.now();
  await import("@layerwise/vision/all");
  console.log(performance.now() - start);
`;

export default defineBenchmark({
  name: "importTime",
  about: "Importing all of the vision package in a fresh process",
  unit: "ms",
  better: "less",
  peers: { fastai: "importTime.py" },
  params: (scale) => ({ times: scale === "quick" ? 1 : scale === "full" ? 10 : 3 }),
  async ours({ params: { times } }) {
    const importOnce = () =>
      Number(execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: here, encoding: "utf8" }));
    const samples = Array.from({ length: times }, importOnce);
    return { samples: { importTime: samples }, versions: await ourVersions() };
  },
});
