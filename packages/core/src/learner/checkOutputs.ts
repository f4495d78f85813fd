import type { Tensor } from "@tensorflow/tfjs-core";
import { fmtShape, ShapeError } from "../errors.ts";
import { ClassLoss, type LossFunc } from "../losses/index.ts";

/**
 * A model with fewer outputs than there are classes: training would go on, and never learn the last ones.
 * @param classes - how many the data has, if it says so
 * @throws {@link ShapeError}
 */
export function checkOutputs(pred: Tensor, lossFunc: LossFunc, classes: number | undefined): void {
  if (classes === undefined || !(lossFunc instanceof ClassLoss)) return;
  const outputs = pred.shape.at(lossFunc.axis);
  if (outputs === undefined || outputs >= classes) return;
  throw new ShapeError(lossFunc.name, {
    given: `pred ${fmtShape(pred.shape)}, ${outputs} outputs for ${classes} classes`,
    expected: "an output per class",
    fix: "give the model's last layer `dls.c` outputs",
  });
}
