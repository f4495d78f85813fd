import { defineBenchmark } from "./harness/benchmark.ts";
import { digitsPictures, runDigits } from "./harness/runDigits.ts";
import { ourVersions } from "./harness/versions.ts";

export default defineBenchmark({
  name: "digits",
  about: "The whole digits example, from start to report, and the same training in fastai",
  unit: "s",
  better: "less",
  slow: true,
  peers: { fastai: "digits.py" },
  /** `steps: 0` is the whole example. */
  params: (scale) => ({ measure: "time", steps: scale === "quick" ? 8 : 0, path: "" }),
  async prepare({ params }) {
    return { ...params, path: await digitsPictures(params.steps) };
  },
  async ours({ folder, params: { steps } }) {
    const { seconds, accuracy, maxRssMb } = await runDigits(folder, steps);
    return { samples: { digits: [seconds] }, versions: await ourVersions(), notes: { accuracy, maxRssMb } };
  },
});
