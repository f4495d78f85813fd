import type { FusedStep } from "./fused.ts";
import type { Hypers } from "./hypers.ts";
import { debias, type ParamState } from "./steppers.ts";

/** Factor on the weights and share of them added to the gradient, whichever `decoupleWd` asks for. */
export function decayScalars(
  { doWd = true }: Readonly<ParamState>,
  { lr, wd }: Readonly<Hypers>,
  decoupleWd: boolean,
): [keep: number, l2: number] {
  if (!doWd || wd === 0) return [1, 0];
  return decoupleWd ? [1 - lr * wd, 0] : [1, wd];
}

/**
 * Kernel `FusedSgdStep`; scalars `[keep, l2, lr, mom]`; slots none, or `gradAvg`:
 * `p ← keep · p`, `g ← g + l2 · p`, then `p − lr · g`, or with a slot `m ← mom · m + g` and `p − lr · m`.
 */
export function fusedSgd({ decoupleWd, hasMom }: { decoupleWd: boolean; hasMom: boolean }): FusedStep {
  return {
    kernel: "FusedSgdStep",
    slots: hasMom ? ["gradAvg"] : [],
    plan: (state, hypers) => ({ scalars: [...decayScalars(state, hypers, decoupleWd), hypers.lr, hypers.mom] }),
    vectorizedAbove: 4096,
    update({ p, grad, slots: [m], pOut, slotsOut: [mOut] }, [keep = 1, l2 = 0, lr = 0, mom = 0]) {
      if (m === undefined || mOut === undefined) sgdLoop(p, grad, pOut, keep, l2, lr);
      else momentumLoop(p, grad, m, pOut, mOut, keep, l2, lr, mom);
    },
  };
}

/** Numbers of one Adam-like step, `p − stepSize · m / (adapts · √v + eps)`. */
export interface AdamScalars {
  stepSize: number;
  eps: number;
  /** 1, or 0 for a step by the average of gradients alone; `eps` is 1 then. */
  adapts: 0 | 1;
}

/** Adam's bias corrections folded into two numbers: `(lr / d1) · m / (√(v / d2) + eps)` is `stepSize · m / (√v + eps')`. */
export function adamScalars({ lr, mom, sqrMom, eps }: Readonly<Hypers>, step: number): AdamScalars {
  const root = Math.sqrt(debias(sqrMom, 1 - sqrMom, step));
  return { stepSize: (lr / debias(mom, 1 - mom, step)) * root, eps: eps * root, adapts: 1 };
}

/**
 * Kernel `FusedAdamStep`; scalars `[keep, l2, mom, sqrMom, stepSize, eps, adapts]`; slots `gradAvg`, `sqrAvg`:
 * `p ← keep · p`, `g ← g + l2 · p`, `m ← mom · m + (1 − mom) · g`, `v ← sqrMom · v + (1 − sqrMom) · g²`,
 * then `p − stepSize · m / (adapts · √v + eps)`.
 */
export function fusedAdam({
  decoupleWd,
  scalars,
}: {
  decoupleWd: boolean;
  scalars: (hypers: Readonly<Hypers>, step: number) => AdamScalars | undefined;
}): FusedStep {
  return {
    kernel: "FusedAdamStep",
    slots: ["gradAvg", "sqrAvg"],
    plan(state, hypers) {
      const step = (state.step ?? 0) + 1;
      const sizes = scalars(hypers, step);
      if (sizes === undefined) return undefined;
      const { stepSize, eps, adapts } = sizes;
      const [keep, l2] = decayScalars(state, hypers, decoupleWd);
      return { scalars: [keep, l2, hypers.mom, hypers.sqrMom, stepSize, eps, adapts], step };
    },
    update(
      { p, grad, slots: [m, v], pOut, slotsOut: [mOut, vOut] },
      [keep = 1, l2 = 0, mom = 0, sqrMom = 0, stepSize = 0, eps = 0, adapts = 1],
    ) {
      if (m === undefined || v === undefined || mOut === undefined || vOut === undefined) return;
      adamLoop(p, grad, m, v, pOut, mOut, vOut, keep, l2, mom, sqrMom, stepSize, eps, adapts);
    },
  };
}

type Numbers = Float32Array;

// The loops are plain functions over typed arrays: engines make these twice as fast as the same loop in `update`.

function sgdLoop(p: Numbers, grad: Numbers, pOut: Numbers, keep: number, l2: number, lr: number): void {
  const n = p.length;
  for (let i = 0; i < n; i++) {
    const w = p[i]! * keep;
    pOut[i] = w - lr * (grad[i]! + l2 * w);
  }
}

function momentumLoop(
  p: Numbers,
  grad: Numbers,
  m: Numbers,
  pOut: Numbers,
  mOut: Numbers,
  keep: number,
  l2: number,
  lr: number,
  mom: number,
): void {
  const n = p.length;
  for (let i = 0; i < n; i++) {
    const w = p[i]! * keep;
    const avg = mom * m[i]! + grad[i]! + l2 * w;
    mOut[i] = avg;
    pOut[i] = w - lr * avg;
  }
}

function adamLoop(
  p: Numbers,
  grad: Numbers,
  m: Numbers,
  v: Numbers,
  pOut: Numbers,
  mOut: Numbers,
  vOut: Numbers,
  keep: number,
  l2: number,
  mom: number,
  sqrMom: number,
  stepSize: number,
  eps: number,
  adapts: number,
): void {
  const n = p.length;
  const freshM = 1 - mom;
  const freshV = 1 - sqrMom;
  for (let i = 0; i < n; i++) {
    const w = p[i]! * keep;
    const g = grad[i]! + l2 * w;
    const avg = mom * m[i]! + freshM * g;
    const sqr = sqrMom * v[i]! + freshV * g * g;
    mOut[i] = avg;
    vOut[i] = sqr;
    pOut[i] = w - (stepSize * avg) / (adapts * Math.sqrt(sqr) + eps);
  }
}
