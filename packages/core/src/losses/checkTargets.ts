import type { Tensor } from "@tensorflow/tfjs-core";
import { DataError, fmtShape, OptionError, ShapeError } from "../errors.ts";

/** One class index per prediction: sizes must agree. @throws {@link ShapeError} */
export function checkClassTarget(where: string, pred: Tensor, target: Tensor | undefined, axis: number): Tensor {
  const rank = pred.shape.length;
  const at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at >= rank) {
    throw new ShapeError(where, {
      given: `pred ${fmtShape(pred.shape)} with class axis ${axis}`,
      expected: "a prediction that has that axis: [N, C] or [N, ..., C]",
      fix: "end the model in one output per class",
    });
  }
  const wanted = pred.shape.filter((_, i) => i !== at);
  if (target !== undefined && target.size * (pred.shape[at] ?? 0) === pred.size) return target;
  throw new ShapeError(where, {
    given: `pred ${fmtShape(pred.shape)}, target ${target === undefined ? "missing" : fmtShape(target.shape)}`,
    expected: `one class index per prediction: target ${fmtShape(wanted)}`,
    fix: "return one label per item from `getY`; `dblock.summary(source)` prints every shape",
  });
}

/** One target number per output number. @throws {@link ShapeError} */
export function checkSameSize(where: string, pred: Tensor, target: Tensor | undefined): Tensor {
  if (target !== undefined && target.size === pred.size) return target;
  const given = target === undefined ? "missing" : fmtShape(target.shape);
  throw new ShapeError(where, {
    given: `pred ${fmtShape(pred.shape)}, target ${given}`,
    expected: `as many targets as outputs: target ${fmtShape(pred.shape)}`,
    fix: "return one number per model output from `getY`, or give the model as many outputs (`nOut`) as a target has numbers",
  });
}

/** Class weights: a finite number, 0 or more, per class. @throws {@link OptionError} */
export function checkWeights(
  where: string,
  name: string,
  weights: readonly number[] | undefined,
): number[] | undefined {
  if (weights === undefined || weights === null) return undefined;
  if (Array.isArray(weights) && weights.length > 0 && weights.every((w) => Number.isFinite(w) && w >= 0))
    return [...weights];
  throw new OptionError(where, {
    given: `${name} ${JSON.stringify(weights)}`,
    expected: "an array of finite numbers, 0 or more, one per class",
  });
}

/** @throws {@link OptionError} for anything but a finite number */
export function checkNumber(where: string, name: string, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new OptionError(where, { given: `${name} ${value}`, expected: "a finite number" });
}

/** @throws {@link ShapeError} if there is not one weight per class */
export function checkWeightCount(where: string, name: string, weights: readonly number[], classes: number): void {
  if (weights.length === classes) return;
  throw new ShapeError(where, {
    given: `${weights.length} numbers in \`${name}\`, ${classes} classes in pred`,
    expected: "one number per class",
    fix: "order them as `dls.vocab` does",
  });
}

/** Options of {@link checkTargets}. */
export interface CheckTargetsOptions {
  /** Targets that need not be a class. @defaultValue -100 */
  ignoreIndex?: number;
}

/**
 * Reads class indices back and makes sure each one is a class. The losses cannot check that in a training step without
 * waiting for the device, so run it on a batch before training.
 * @param target - class indices, any shape
 * @param nClasses - outputs of the model
 * @throws {@link DataError} naming the first bad value and its position
 */
export async function checkTargets(
  target: Tensor,
  nClasses: number,
  { ignoreIndex = -100 }: CheckTargetsOptions = {},
): Promise<void> {
  const values = await target.data();
  const bad = values.findIndex((v) => v !== ignoreIndex && !(Number.isInteger(v) && v >= 0 && v < nClasses));
  if (bad < 0) return;
  throw new DataError("checkTargets", {
    given: `${values[bad]} at position ${bad} of a target ${fmtShape(target.shape)}`,
    expected: `class indices 0…${nClasses - 1}`,
    fix: "give the model one output per class (`nOut`), or pass the value as `ignoreIndex` if it means nothing",
  });
}
