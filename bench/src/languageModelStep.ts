import { useBackend } from "@layerwise/core";
import { Learner } from "@layerwise/core/learner";
import { CrossEntropyLossFlat } from "@layerwise/core/losses";
import { Embedding, Linear, LSTM, Module, ModuleList } from "@layerwise/core/nn";
import { TensorCategory } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { defineBenchmark } from "./harness/benchmark.ts";
import { fixedDls } from "./harness/fixedBatches.ts";
import { timeSteps } from "./harness/timeSteps.ts";
import { ourVersions } from "./harness/versions.ts";

/** Embedding, LSTMs, and a score per word: the shape of AWD-LSTM, without its dropouts. */
class LanguageModel extends Module {
  encoder: Embedding;
  rnns: ModuleList;
  decoder: Linear;

  constructor(vocab: number, emb: number, hidden: number, layers: number) {
    super();
    this.encoder = new Embedding(vocab, emb);
    const sizes = Array.from({ length: layers + 1 }, (_, i) => (i === 0 || i === layers ? emb : hidden));
    this.rnns = new ModuleList(sizes.slice(1).map((size, i) => new LSTM(sizes[i] ?? emb, size)));
    this.decoder = new Linear(emb, vocab);
    this.decoder.weight = this.encoder.weight; // tied, as AWD-LSTM's
  }

  /** @param ids - int32 `[N, T]` @returns `[N, T, vocab]` */
  forward(ids: tf.Tensor): tf.Tensor {
    let x = this.encoder.call(ids);
    for (const rnn of this.rnns.children() as LSTM[]) x = rnn.call(x).output;
    const { weight, bias } = this.decoder;
    const scores = tf.matMul(tf.reshape(x, [-1, x.shape[2] as number]), weight.value as tf.Tensor2D, false, true);
    return tf.reshape(bias === null ? scores : tf.add(scores, bias.value), [...ids.shape, -1]);
  }
}

export default defineBenchmark({
  name: "languageModelStep",
  about: "One training step of a language model of AWD-LSTM's shape: 400/1152x3, vocabulary 10000, 64 x 72 words",
  unit: "ms",
  better: "less",
  slow: true,
  peers: { pytorch: "languageModelStep.py" },
  params: (scale) => ({
    bs: scale === "quick" ? 4 : 64,
    words: scale === "quick" ? 8 : 72,
    vocab: scale === "quick" ? 100 : 10_000,
    emb: scale === "quick" ? 16 : 400,
    hidden: scale === "quick" ? 32 : 1152,
    layers: 3,
    steps: 1,
    passes: scale === "quick" ? 1 : scale === "full" ? 10 : 3,
  }),
  async ours({ params: { bs, words, vocab, emb, hidden, layers, steps, passes } }) {
    await useBackend();
    const ids = () => new TensorCategory(tf.randomUniformInt([bs, words], 0, vocab));
    const batch = { xb: [ids()], yb: [ids()] };
    const lossFunc = new CrossEntropyLossFlat();
    const learn = new Learner(fixedDls(batch, steps), new LanguageModel(vocab, emb, hidden, layers), { lossFunc });
    return { samples: { languageModelStep: await timeSteps(learn, { passes }) }, versions: await ourVersions() };
  },
});
