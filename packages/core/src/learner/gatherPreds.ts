import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { StateError } from "../errors.ts";
import { Callback } from "./callback.ts";
import { HostTensor } from "./hostTensor.ts";

/** What a prediction pass keeps, and where. */
export interface GatherOptions {
  /** Also the inputs, as the model saw them. @defaultValue false */
  withInput?: boolean;
  /** Also one loss per item. @defaultValue false */
  withLoss?: boolean;
  /** Whether predictions are kept in memory. @defaultValue true */
  withPreds?: boolean;
  /** Whether targets are kept in memory. @defaultValue true */
  withTargs?: boolean;
  /** Folder for predictions, one safetensors file per batch, `0.safetensors` with the tensor `pred`, as they would be kept. */
  savePreds?: string;
  /** Folder for targets, one file per batch with the tensors `targ.0`, `targ.1`, ... */
  saveTargs?: string;
}

export interface GatherPredsOptions extends GatherOptions {
  /** Applied to the model's outputs before they are read. */
  act?: ((pred: tf.Tensor) => tf.Tensor) | undefined;
  /** Applied to what `act` gives, for `decoded`. */
  decodes?: ((activated: tf.Tensor) => tf.Tensor) | undefined;
}

export const GATHER_OPTIONS: KnownOptions<GatherOptions> = {
  withInput: true,
  withLoss: true,
  withPreds: true,
  withTargs: true,
  savePreds: true,
  saveTargs: true,
};
const ALL: KnownOptions<GatherPredsOptions> = { ...GATHER_OPTIONS, act: true, decodes: true };

/** Collects what a validation pass predicts, batch by batch, one read-back each. */
export class GatherPredsCallback extends Callback {
  static override readonly cbName: string = "gatherPreds";
  readonly preds: HostTensor[] = [];
  readonly decoded: HostTensor[] = [];
  /** By target, then batch; so are `inputs`. */
  readonly targs: HostTensor[][] = [];
  readonly inputs: HostTensor[][] = [];
  readonly losses: HostTensor[] = [];
  readonly #options: GatherPredsOptions;

  constructor(options: GatherPredsOptions = {}) {
    super();
    checkOptions("GatherPredsCallback", options, ALL);
    this.#options = options;
  }

  override async afterBatch(): Promise<void> {
    const { pred, loss, xb, yb, batchSize } = this.learn;
    const { withInput = false, withLoss = false, withTargs = true, saveTargs } = this.#options;
    if (pred === null) return;
    await this.#predictions(pred);
    if (withTargs || saveTargs !== undefined) await this.#targets(yb);
    if (withInput) for (const [i, x] of xb.entries()) push(this.inputs, i, await HostTensor.read(x));
    if (withLoss && loss !== null) {
      const losses = await readOnce(() =>
        loss.size === batchSize ? tf.reshape(loss, [-1]) : tf.mean(tf.reshape(loss, [batchSize, -1]), 1),
      );
      this.losses.push(losses);
    }
  }

  async #predictions(pred: tf.Tensor): Promise<void> {
    const { act, decodes, withPreds = true, savePreds } = this.#options;
    if (act === undefined && !(pred instanceof tf.Tensor)) {
      throw new StateError("Learner.getPreds", {
        given: "a model that returns several tensors",
        expected: "one tensor, the prediction",
        fix: "pass `act: (output) => ...` that makes one of them, or pick it in a callback's `afterPred`",
      });
    }
    const activated = tf.tidy(() => (act === undefined ? tf.clone(pred) : act(pred)));
    try {
      if (withPreds || savePreds !== undefined) {
        const read = await HostTensor.read(activated);
        if (withPreds) this.preds.push(read);
        if (savePreds !== undefined) await this.#save(savePreds, [["pred", read]]);
      }
      if (decodes) this.decoded.push(await readOnce(() => decodes(activated)));
    } finally {
      activated.dispose();
    }
  }

  async #targets(yb: readonly tf.Tensor[]): Promise<void> {
    const { withTargs = true, saveTargs } = this.#options;
    const read = await Promise.all(yb.map((y) => HostTensor.read(y)));
    if (withTargs) for (const [i, targ] of read.entries()) push(this.targs, i, targ);
    if (saveTargs !== undefined) {
      const named = read.map((targ, i): [string, HostTensor] => [`targ.${i}`, targ]);
      await this.#save(saveTargs, named);
    }
  }

  async #save(folder: string, tensors: [string, HostTensor][]): Promise<void> {
    const [{ mkdir }, { writeSafetensors }] = await Promise.all([
      import("node:fs/promises"),
      import("../files/index.ts"),
    ]);
    await mkdir(folder, { recursive: true });
    await writeSafetensors(join(folder, `${this.learn.iter}.safetensors`), new Map(tensors));
  }
}

async function readOnce(make: () => tf.Tensor): Promise<HostTensor> {
  const tensor = tf.tidy(make);
  try {
    return await HostTensor.read(tensor);
  } finally {
    tensor.dispose();
  }
}

function push(lists: HostTensor[][], i: number, tensor: HostTensor): void {
  lists[i] ??= [];
  lists[i].push(tensor);
}
