import { useBackend } from "@layerwise/core";
import { Learner } from "@layerwise/core/learner";
import { MSELossFlat } from "@layerwise/core/losses";
import { Embedding, Module, SigmoidRange } from "@layerwise/core/nn";
import { TensorCategory, TensorFloat } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { defineBenchmark } from "./harness/benchmark.ts";
import { fixedDls } from "./harness/fixedBatches.ts";
import { timeSteps } from "./harness/timeSteps.ts";
import { ourVersions } from "./harness/versions.ts";

/** Products of user and item vectors, with a bias each: fastai's model for ratings. */
class DotProduct extends Module {
  users: Embedding;
  items: Embedding;
  userBias: Embedding;
  itemBias: Embedding;
  range = new SigmoidRange(0, 5.5);

  constructor(users: number, items: number, factors: number) {
    super();
    this.users = new Embedding(users, factors);
    this.items = new Embedding(items, factors);
    this.userBias = new Embedding(users, 1);
    this.itemBias = new Embedding(items, 1);
  }

  /** @param ids - user and item, int32 `[N, 2]` @returns `[N]` */
  forward(ids: tf.Tensor): tf.Tensor {
    const [user, item] = tf.unstack(ids, 1) as [tf.Tensor, tf.Tensor];
    const product = tf.sum(tf.mul(this.users.call(user), this.items.call(item)), 1);
    const bias = tf.add(tf.squeeze(this.userBias.call(user), [1]), tf.squeeze(this.itemBias.call(item), [1]));
    return this.range.call(tf.add(product, bias));
  }
}

export default defineBenchmark({
  name: "collabStep",
  about: "One training step of a dot product with bias: 943 users, 1682 items, 50 factors",
  unit: "ms",
  better: "less",
  peers: { pytorch: "collabStep.py", fastai: "collabStep.py" },
  params: (scale) => ({
    bs: 64,
    users: 944,
    items: 1683,
    factors: 50,
    steps: scale === "quick" ? 10 : 200,
    passes: scale === "quick" ? 2 : scale === "full" ? 20 : 5,
  }),
  async ours({ params: { bs, users, items, factors, steps, passes } }) {
    await useBackend();
    const ids = [tf.randomUniformInt([bs], 0, users), tf.randomUniformInt([bs], 0, items)];
    const batch = {
      xb: [new TensorCategory(tf.stack(ids, 1))],
      yb: [new TensorFloat(tf.randomUniform([bs], 1, 5))],
    };
    const lossFunc = new MSELossFlat();
    const learn = new Learner(fixedDls(batch, steps), new DotProduct(users, items, factors), { lossFunc });
    return { samples: { collabStep: await timeSteps(learn, { passes }) }, versions: await ourVersions() };
  },
});
