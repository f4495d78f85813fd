import { useBackend } from "@layerwise/core";
import { Learner } from "@layerwise/core/learner";
import { CrossEntropyLossFlat } from "@layerwise/core/losses";
import { TensorCategory, TensorFloat } from "@layerwise/core/tensor";
import { TabularModel } from "@layerwise/tabular";
import * as tf from "@tensorflow/tfjs-core";
import { defineBenchmark } from "./harness/benchmark.ts";
import { fixedDls } from "./harness/fixedBatches.ts";
import { timeSteps } from "./harness/timeSteps.ts";
import { ourVersions } from "./harness/versions.ts";

export default defineBenchmark({
  name: "tabularStep",
  about: "One training step of a perceptron on 8 categorical and 3 continuous columns",
  unit: "ms",
  better: "less",
  peers: { pytorch: "tabularStep.py", fastai: "tabularStep.py", tfjs: "tabularStep.mjs" },
  params: (scale) => ({
    bs: 64,
    sizes: [10, 17, 8, 16, 7, 6, 3, 43], // classes per column, as in the Adult data
    widths: [6, 8, 5, 8, 5, 4, 3, 13], // fastai's rule: 1.6 n^0.56
    conts: 3,
    hidden: [200, 100],
    steps: scale === "quick" ? 10 : 100,
    passes: scale === "quick" ? 2 : scale === "full" ? 20 : 5,
  }),
  async ours({ params: { bs, sizes, widths, conts, hidden, steps, passes } }) {
    await useBackend();
    const ids = sizes.map((size) => tf.randomUniformInt([bs], 0, size));
    const batch = {
      xb: [new TensorCategory(tf.stack(ids, 1)), new TensorFloat(tf.randomNormal([bs, conts]))],
      yb: [new TensorCategory(tf.randomUniformInt([bs], 0, 2))],
    };
    const embSzs = sizes.map((size, i): [number, number] => [size, widths[i] ?? 1]);
    const model = new TabularModel(embSzs, conts, 2, hidden);
    const lossFunc = new CrossEntropyLossFlat();
    const learn = new Learner(fixedDls(batch, steps), model, { lossFunc });
    return { samples: { tabularStep: await timeSteps(learn, { passes }) }, versions: await ourVersions() };
  },
});
