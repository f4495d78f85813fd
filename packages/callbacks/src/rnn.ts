import { checkOptions, type KnownOptions, OptionError } from "@layerwise/core";
import { addCallback, Callback } from "@layerwise/core/learner";
import * as tf from "@tensorflow/tfjs-core";

/** Makes the model forget its hidden state before each pass and after the fit. */
export class ModelResetter extends Callback {
  static override readonly cbName: string = "modelResetter";

  override beforeTrain(): void {
    this.learn.model.reset?.();
  }

  override beforeValidate(): void {
    this.learn.model.reset?.();
  }

  override afterFit(): void {
    this.learn.model.reset?.();
  }
}

/**
 * For models that return `[pred, rawOut, droppedOut]`, or lists of these by layer: hands the prediction on and keeps
 * the last layer's activations, before and after dropout, until the batch ends.
 */
export class RNNCallback extends Callback {
  static override readonly cbName: string = "rnn";
  /** Last layer's output, `[N, T, H]`. */
  rawOut: tf.Tensor | null = null;
  /** The same after dropout, `[N, T, H]`. */
  droppedOut: tf.Tensor | null = null;
  #kept: tf.Tensor[] = [];

  override afterPred(): void {
    const output: unknown = this.learn.pred;
    if (!Array.isArray(output)) return;
    this.#free();
    const [pred, raw, dropped] = output.map(last);
    if (pred === undefined || pred === null) {
      throw new OptionError("RNNCallback", {
        given: `a model output of ${output.length} parts`,
        expected: "[pred, rawOut, droppedOut]",
      });
    }
    this.learn.pred = pred;
    this.rawOut = raw ?? null;
    this.droppedOut = dropped ?? null;
    this.#kept = tensorsIn(output).filter((tensor) => tensor !== pred);
  }

  override afterBatch(): void {
    this.#free();
  }

  override cleanUp(): void {
    this.#free();
  }

  #free(): void {
    tf.dispose(this.#kept);
    this.#kept = [];
    this.rawOut = null;
    this.droppedOut = null;
  }
}

export interface RNNRegularizerOptions {
  /** Activation regularization: punishes large outputs. @defaultValue 0 */
  alpha?: number;
  /** Temporal activation regularization: punishes outputs that jump from step to step. @defaultValue 0 */
  beta?: number;
}

const RNN_OPTIONS: KnownOptions<RNNRegularizerOptions> = { alpha: true, beta: true };

/**
 * Adds AR, `alpha · mean(droppedOut²)`, and TAR, `beta · mean((rawOut[t+1] − rawOut[t])²)`, to what is trained on; the
 * recorded loss stays plain. Needs an `RNNCallback`.
 * @see Merity et al. 2017, https://arxiv.org/abs/1708.01009
 */
export class RNNRegularizer extends Callback {
  static override readonly cbName: string = "rnnRegularizer";
  override readonly order = 1; // RNNCallback (0) has the activations
  override runValid = false;
  readonly alpha: number;
  readonly beta: number;

  constructor(options: RNNRegularizerOptions = {}) {
    super();
    checkOptions("RNNRegularizer", options, RNN_OPTIONS);
    const { alpha = 0, beta = 0 } = options;
    if (!(alpha >= 0 && beta >= 0)) {
      throw new OptionError("RNNRegularizer", {
        given: `alpha ${alpha}, beta ${beta}`,
        expected: "numbers of 0 or more",
      });
    }
    this.alpha = alpha;
    this.beta = beta;
  }

  override afterLoss(): void {
    const { learn, alpha, beta } = this;
    const { lossGrad } = learn;
    const rnn = learn.findCb(RNNCallback);
    if (rnn === undefined) {
      throw new OptionError("RNNRegularizer", {
        given: "a learner without an RNNCallback",
        expected: "both, as `rnnCbs` makes them",
      });
    }
    if (lossGrad === null) return;
    learn.lossGrad = tf.tidy(() => {
      let loss: tf.Tensor = lossGrad;
      if (alpha !== 0 && rnn.droppedOut) loss = tf.add(loss, tf.mul(tf.mean(tf.square(rnn.droppedOut)), alpha));
      if (beta !== 0 && rnn.rawOut) loss = tf.add(loss, tf.mul(meanSquareStep(rnn.rawOut), beta));
      return loss as tf.Scalar;
    });
  }
}

addCallback(ModelResetter);
addCallback(RNNCallback);
addCallback(RNNRegularizer, ["alpha", "beta"]);

/** What recurrent models train with. */
export function rnnCbs(options: RNNRegularizerOptions = {}): Callback[] {
  checkOptions("rnnCbs", options, RNN_OPTIONS);
  const { alpha = 0, beta = 0 } = options;
  const always = [new ModelResetter(), new RNNCallback()];
  return alpha === 0 && beta === 0 ? always : [...always, new RNNRegularizer({ alpha, beta })];
}

/** Mean of the squared change from step to step of `[N, T, ...]`; 0 for a single step. */
function meanSquareStep(h: tf.Tensor): tf.Tensor {
  const [n = 0, steps = 0, ...rest] = h.shape;
  if (steps < 2) return tf.scalar(0);
  const size = [n, steps - 1, ...rest];
  const zeros = rest.map(() => 0);
  return tf.mean(tf.squaredDifference(tf.slice(h, [0, 1, ...zeros], size), tf.slice(h, [0, 0, ...zeros], size)));
}

function last(part: unknown): tf.Tensor | null | undefined {
  return (Array.isArray(part) ? part.at(-1) : part) as tf.Tensor | null | undefined;
}

function tensorsIn(output: unknown): tf.Tensor[] {
  if (output instanceof tf.Tensor) return [output];
  return Array.isArray(output) ? output.flatMap(tensorsIn) : [];
}
