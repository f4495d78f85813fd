import { useBackend } from "@layerwise/core";
import { Learner } from "@layerwise/core/learner";
import { CrossEntropyLossFlat } from "@layerwise/core/losses";
import { TensorCategory, TensorImage } from "@layerwise/core/tensor";
import { resnet18 } from "@layerwise/vision";
import * as tf from "@tensorflow/tfjs-core";
import { defineBenchmark } from "./harness/benchmark.ts";
import { fixedDls } from "./harness/fixedBatches.ts";
import { timeSteps } from "./harness/timeSteps.ts";
import { ourVersions } from "./harness/versions.ts";

export default defineBenchmark({
  name: "resnet18Step",
  about: "One training step of resnet18: forward, backward, Adam",
  unit: "ms",
  better: "less",
  peers: { pytorch: "resnet18Step.py" },
  params: (scale) =>
    scale === "quick"
      ? { bs: 4, size: 64, classes: 10, steps: 1, passes: 1 }
      : { bs: 32, size: 128, classes: 10, steps: 4, passes: scale === "full" ? 8 : 3 },
  async ours({ params: { bs, size, classes, steps, passes } }) {
    await useBackend();
    const batch = {
      xb: [new TensorImage(tf.randomNormal([bs, size, size, 3]))],
      yb: [new TensorCategory(tf.randomUniformInt([bs], 0, classes))],
    };
    const lossFunc = new CrossEntropyLossFlat();
    const learn = new Learner(fixedDls(batch, steps), resnet18.build({ nOut: classes }), { lossFunc });
    return { samples: { resnet18Step: await timeSteps(learn, { passes }) }, versions: await ourVersions() };
  },
});
