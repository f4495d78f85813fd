import { defineBenchmark } from "./harness/benchmark.ts";
import { digitsPictures, runDigits } from "./harness/runDigits.ts";
import { ourVersions } from "./harness/versions.ts";

export default defineBenchmark({
  name: "quickstartMemory",
  about: "Largest resident memory of the digits example, and of the same training in fastai",
  unit: "MB",
  better: "less",
  slow: true,
  peers: { fastai: "digits.py" },
  /** `steps: 0` is the whole example. */
  params: (scale) => ({ measure: "memory", steps: scale === "quick" ? 8 : scale === "full" ? 0 : 60, path: "" }),
  async prepare({ params }) {
    return { ...params, path: await digitsPictures(params.steps) };
  },
  async ours({ folder, params: { steps } }) {
    const { maxRssMb, seconds } = await runDigits(folder, steps);
    return { samples: { quickstartMemory: [maxRssMb] }, versions: await ourVersions(), notes: { seconds } };
  },
});
