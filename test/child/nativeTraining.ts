/**
 * Trains on the native backend in worker threads. Argument `sideBySide`: prints hashes of weights trained alone and at
 * the same time; `terminated`: ends workers in mid-training, then trains on; `exit`: leaves while threads work.
 */
import { createHash } from "node:crypto";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { useBackend } from "@layerwise/core";
import { Parameter } from "@layerwise/core/nn";
import { adam } from "@layerwise/core/optim";
import { batchNormTrain, softmaxCrossEntropy } from "@layerwise/core/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** Hash of the weights after some steps; calls `onStep` after each. */
async function train(seed: number, steps: number, onStep: () => void = () => {}): Promise<string> {
  await useBackend("native");
  const x = tf.randomNormal([16, 24, 24, 16], 0, 1, "float32", seed) as tf.Tensor4D;
  const target = tf.tensor1d(
    Array.from({ length: 16 }, (_, i) => (i + seed) % 5),
    "int32",
  );
  const shapes = [[3, 3, 16, 32], [32], [32], [12 * 12 * 32, 5]];
  const params = shapes.map((shape, i) => new Parameter(tf.randomNormal(shape, 0, 0.1, "float32", seed + i)));
  const variables = params.map((p) => p.value);
  const opt = adam(params, { lr: 1e-3 });
  const loss = () => {
    const [kernel, scale, offset, head] = variables as [tf.Variable, tf.Variable, tf.Variable, tf.Variable];
    const z = tf.conv2d(x, kernel as unknown as tf.Tensor4D, 1, "same");
    const h = tf.maxPool(tf.relu(batchNormTrain(z, scale, offset, 1e-5).y) as tf.Tensor4D, 2, 2, "valid");
    return tf.mean(
      softmaxCrossEntropy(tf.matMul(tf.reshape(h, [16, -1]), head as unknown as tf.Tensor2D), target),
    ) as tf.Scalar;
  };
  for (let i = 0; i < steps; i++) {
    const { value, grads } = tf.variableGrads(loss, variables);
    value.dispose();
    opt.accumulate(new Map(params.map((p, k) => [p, grads[variables[k]!.name]!])));
    opt.step();
    opt.zeroGrad();
    onStep();
  }
  const hash = createHash("sha256");
  for (const p of params) hash.update(p.value.dataSync());
  return hash.digest("hex");
}

function inWorker(seed: number, steps: number): { worker: Worker; done: Promise<string>; started: Promise<void> } {
  const worker = new Worker(new URL(import.meta.url), { workerData: { seed, steps } });
  let start = () => {};
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  const done = new Promise<string>((resolve, reject) => {
    worker.on("message", (message: string) => (message === "step" ? start() : resolve(message)));
    worker.on("error", reject);
    worker.on("exit", () => resolve("ended early"));
  });
  return { worker, done, started };
}

const jobs: Record<string, () => Promise<unknown>> = {
  async sideBySide() {
    const alone = [await inWorker(1, 10).done, await inWorker(2, 10).done];
    const together = await Promise.all([inWorker(1, 10).done, inWorker(2, 10).done, train(3, 10)]);
    return { alone, together: together.slice(0, 2) };
  },
  async terminated() {
    const before = await train(1, 3);
    const sizes: number[] = [];
    for (let i = 0; i < 8; i++) {
      const { worker, started } = inWorker(i, 1e9);
      await started;
      await worker.terminate();
      sizes.push(process.memoryUsage().rss / 2 ** 20);
    }
    return { same: before === (await train(1, 3)), sizes };
  },
  async exit() {
    const { started } = inWorker(1, 1e9);
    await started;
    await train(2, 3);
    console.log(JSON.stringify("leaving"));
    process.exit(0);
  },
};

if (isMainThread) console.log(JSON.stringify(await jobs[process.argv[2]!]!()));
else parentPort!.postMessage(await train(workerData.seed, workerData.steps, () => parentPort!.postMessage("step")));
