import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, StateError } from "../errors.ts";
import { applyLoss, type LossFunc } from "../losses/index.ts";
import type { Parameter } from "../nn/index.ts";
import { checkOutputs } from "./checkOutputs.ts";
import { CancelBackwardError, CancelError } from "./events.ts";
import type { Learner } from "./learner.ts";

/** What happens to one batch between `beforeBatch` and `afterBatch`. */
export async function trainStep(learn: Learner): Promise<void> {
  if (!learn.training || learn.yb.length === 0) {
    tf.tidy(() => forward(learn));
    return;
  }
  const opt = learn.opt;
  if (opt === null)
    throw new StateError("Learner", { given: "training without an optimizer", expected: "a call of `fit`" });
  const trainable = opt.allParams().filter((p) => p.requiresGrad);
  if (trainable.length === 0) {
    throw new StateError("Learner.fit", {
      given: "a model whose parameters are all frozen",
      expected: "at least one parameter that trains",
      fix: "call `learn.unfreeze()`",
    });
  }
  const cancelled = takeGradients(learn, trainable);
  if (cancelled) await learn.event("afterCancelBackward");
  await learn.event("afterBackward");
  await learn.during("step", () => learn.opt?.step());
  learn.opt?.zeroGrad();
}

/** Prediction and loss, kept on the learner beyond the scope they are made in. */
function forward(learn: Learner): void {
  learn.pred = keepAll(learn.model.call(...learn.xb)) as tf.Tensor;
  learn.eventSync("afterPred");
  if (learn.yb.length > 0 && learn.pred !== null) {
    checkOutputs(learn.pred, learn.lossFunc, learn.dls.c);
    const loss = tf.keep(applyLoss(learn.lossFunc, learn.pred, ...learn.yb));
    learn.loss = loss;
    learn.lossGrad = loss as tf.Scalar;
  }
  learn.eventSync("afterLoss");
}

/** @returns whether a callback cancelled the backward pass */
function takeGradients(learn: Learner, trainable: readonly Parameter[]): boolean {
  const made: { grads: tf.NamedTensorMap; value: tf.Scalar } | null = (() => {
    try {
      return tf.variableGrads(
        () => {
          forward(learn);
          if (learn.lossGrad === null)
            throw new StateError("Learner", { given: "no loss", expected: "a loss to train on" });
          learn.eventSync("beforeBackward");
          return learn.lossGrad;
        },
        trainable.map((p) => p.value),
      );
    } catch (error) {
      dropTape();
      if (error instanceof CancelBackwardError) return null;
      throw error instanceof CancelError ? error : explain(error, learn);
    }
  })();
  if (made === null) return true;
  if (made.value !== learn.loss && made.value !== learn.lossGrad) made.value.dispose();
  const grads = new Map<Parameter, tf.Tensor>();
  for (const parameter of trainable) {
    const grad = made.grads[parameter.value.name];
    if (grad) grads.set(parameter, grad);
  }
  learn.opt?.accumulate(grads);
  return false;
}

/** What tfjs saved for a backward pass that will not come: it frees that itself only after one that ran. */
function dropTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return;
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
  state.activeTape = [];
}

/** tfjs' words for mistakes that users make, in words that say what to do. */
function explain(error: unknown, learn: Learner): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (/connection between any variable|must return a scalar|variableGrads\(\) .*scalar/i.test(message)) {
    return new ShapeError("Learner.fit", {
      given: `a loss of shape [${learn.lossGrad?.shape.join(", ") ?? ""}] from ${lossName(learn.lossFunc)}`,
      expected: "a scalar that depends on the model's trainable parameters",
      fix: "reduce the loss with a mean or a sum, and compute it from the prediction with tf ops only",
      cause: error,
    });
  }
  return error;
}

export function lossName(loss: LossFunc): string {
  return loss.name || "the loss";
}

/** Models may return several tensors, nested in arrays; a callback then picks the prediction. */
function keepAll(output: unknown): unknown {
  if (output instanceof tf.Tensor) return tf.keep(output);
  if (Array.isArray(output)) return output.map(keepAll);
  return output;
}
