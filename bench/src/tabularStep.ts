import { useBackend } from "@layerwise/core";
import { Learner } from "@layerwise/core/learner";
import { CrossEntropyLossFlat } from "@layerwise/core/losses";
import { BatchNorm1d, Embedding, LinBnDrop, Module, ModuleList, ReLU, Sequential } from "@layerwise/core/nn";
import { TensorCategory, TensorFloat } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { defineBenchmark } from "./harness/benchmark.ts";
import { fixedDls } from "./harness/fixedBatches.ts";
import { timeSteps } from "./harness/timeSteps.ts";
import { ourVersions } from "./harness/versions.ts";

/** Embeddings of the categories beside normalized numbers, then a perceptron: fastai's model for tables. */
class TableModel extends Module<[tf.Tensor, tf.Tensor]> {
  embeds: ModuleList;
  bnCont: BatchNorm1d;
  layers: Sequential;

  constructor(sizes: readonly number[], widths: readonly number[], nCont: number, hidden: readonly number[]) {
    super();
    this.embeds = new ModuleList(sizes.map((size, i) => new Embedding(size, widths[i] ?? 1)));
    this.bnCont = new BatchNorm1d(nCont);
    const all = [nCont + widths.reduce((a, b) => a + b, 0), ...hidden];
    const steps = hidden.map((n, i) => new LinBnDrop(all[i] ?? 1, n, { act: new ReLU(), linFirst: true }));
    this.layers = new Sequential(...steps, new LinBnDrop(all.at(-1) ?? 1, 2, { bn: false }));
  }

  /** @param cats - ids, int32 `[N, columns]` @param conts - `[N, nCont]` @returns `[N, 2]` */
  forward(cats: tf.Tensor, conts: tf.Tensor): tf.Tensor {
    const columns = tf.unstack(cats, 1);
    const vectors = columns.map((ids, i) => (this.embeds.children()[i] as Embedding).call(ids));
    return this.layers.call(tf.concat([...vectors, this.bnCont.call(conts)], 1)) as tf.Tensor;
  }
}

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
    const lossFunc = new CrossEntropyLossFlat();
    const learn = new Learner(fixedDls(batch, steps), new TableModel(sizes, widths, conts, hidden), { lossFunc });
    return { samples: { tabularStep: await timeSteps(learn, { passes }) }, versions: await ourVersions() };
  },
});
