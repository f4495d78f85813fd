import { checkOptions, fmtShape, rng, ShapeError } from "@layerwise/core";
import { addCallback } from "@layerwise/core/learner";
import * as tf from "@tensorflow/tfjs-core";
import { checkMixable, MixHandler, type Mixture } from "./mixHandler.ts";

export interface CutMixOptions {
  /** Of Beta(alpha, alpha), which the kept share of the picture is drawn from. @defaultValue 1 */
  alpha?: number;
}

/** A rectangle of pixels, the far sides not included. */
export interface CutBox {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/**
 * The box to replace, so that about `lam` of a picture stays; a box around a center near the edge is cut off there.
 * @param center - pixel in the middle of the box
 */
export function cutMixBox(
  { width, height }: { width: number; height: number },
  lam: number,
  center: { x: number; y: number },
): CutBox {
  const side = (length: number): number => Math.floor(roundHalfToEven(length * Math.sqrt(1 - lam)) / 2);
  const [w, h] = [side(width), side(height)];
  const clamp = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
  return {
    x1: clamp(center.x - w, width),
    y1: clamp(center.y - h, height),
    x2: clamp(center.x + w, width),
    y2: clamp(center.y + h, height),
  };
}

/**
 * Trains on pictures in which a box comes from another picture, the same box in the whole batch. Mixes the first
 * input, `[N, H, W, C]`, and the first target.
 * @see Yun et al. 2019, https://arxiv.org/abs/1905.04899
 */
export class CutMix extends MixHandler {
  static override readonly cbName: string = "cutMix";

  constructor(options: CutMixOptions = {}) {
    checkOptions("CutMix", options, { alpha: true });
    super(options.alpha ?? 1);
  }

  protected override mix(xb: readonly tf.Tensor[], yb: readonly tf.Tensor[]): Mixture {
    const [x, ...otherInputs] = xb;
    const [n, height, width] = x?.shape ?? [];
    if (x?.rank !== 4 || n === undefined || height === undefined || width === undefined) {
      throw new ShapeError("CutMix", {
        given: `a first input of ${fmtShape(x?.shape ?? [])}`,
        expected: "pictures, [N, H, W, C]",
      });
    }
    checkMixable("CutMix", x);
    const random = rng();
    const drawn = random.beta(this.alpha, this.alpha);
    const order = tf.tensor1d(random.permutation(n), "int32");
    const box = cutMixBox({ width, height }, drawn, { x: random.integer(0, width), y: random.integer(0, height) });
    const lam = 1 - ((box.x2 - box.x1) * (box.y2 - box.y1)) / (width * height);
    const [y, ...otherTargets] = yb;
    return {
      xb: [lam === 1 ? tf.clone(x) : paste(x, tf.gather(x, order), box), ...otherInputs],
      targets: y === undefined ? [] : [tf.gather(y, order), ...otherTargets],
      lam,
    };
  }
}

/** `x` with the box taken from `other`. */
function paste(x: tf.Tensor, other: tf.Tensor, { x1, y1, x2, y2 }: CutBox): tf.Tensor {
  const [, height = 0, width = 0] = x.shape;
  const inside = tf.pad(tf.ones([1, y2 - y1, x2 - x1, 1]), [
    [0, 0],
    [y1, height - y2],
    [x1, width - x2],
    [0, 0],
  ]);
  return tf.add(tf.mul(x, tf.sub(1, inside)), tf.mul(other, inside));
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

addCallback(CutMix, ["alpha"]);
