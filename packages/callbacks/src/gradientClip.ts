import { checkOptions, OptionError } from "@layerwise/core";
import { addCallback, Callback } from "@layerwise/core/learner";

export interface GradientClipOptions {
  /** Longest that all gradients together may be. @defaultValue 1 */
  maxNorm?: number;
  /** 2 for the Euclidean length, `Infinity` for the largest entry. @defaultValue 2 */
  normType?: number;
}

/** Scales the model's gradients down together before a step, if they are longer than `maxNorm`. */
export class GradientClip extends Callback {
  static override readonly cbName: string = "gradientClip";
  override readonly order = 11; // after GradientAccumulation (6): the whole sum is clipped
  override runValid = false;
  readonly maxNorm: number;
  readonly normType: number;

  constructor(options: GradientClipOptions = {}) {
    super();
    checkOptions("GradientClip", options, { maxNorm: true, normType: true });
    const { maxNorm = 1, normType = 2 } = options;
    if (!(maxNorm > 0 && normType > 0)) {
      throw new OptionError("GradientClip", {
        given: `maxNorm ${maxNorm}, normType ${normType}`,
        expected: "numbers above 0",
      });
    }
    this.maxNorm = maxNorm;
    this.normType = normType;
  }

  override beforeStep(): void {
    this.learn.opt?.clipGradNorm(this.maxNorm, this.normType);
  }
}

addCallback(GradientClip, ["maxNorm", "normType"]);
