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
    update({ p, grad, slots: [m], pOut, slotsOut: [mOut] }, [keep = 1, l2 = 0, lr = 0, mom = 0]) {
      for (let i = 0; i < p.length; i++) {
        const w = p[i]! * keep;
        let g = grad[i]! + l2 * w;
        if (m !== undefined && mOut !== undefined) {
          g += mom * m[i]!;
          mOut[i] = g;
        }
        pOut[i] = w - lr * g;
      }
    },
  };
}

/** Step size and `eps` of one Adam-like step whose denominator is `√v + eps`; see `fusedAdam`. */
export interface AdamScalars {
  stepSize: number;
  eps: number;
  /** False leaves the denominator out. */
  adapts: boolean;
}

/** Adam's bias corrections folded into two numbers: `(lr / d1) · m / (√(v / d2) + eps)` is `stepSize · m / (√v + eps')`. */
export function adamScalars({ lr, mom, sqrMom, eps }: Readonly<Hypers>, step: number): AdamScalars {
  const root = Math.sqrt(debias(sqrMom, 1 - sqrMom, step));
  return { stepSize: (lr / debias(mom, 1 - mom, step)) * root, eps: eps * root, adapts: true };
}

/**
 * Kernel `FusedAdamStep`; scalars `[keep, l2, mom, sqrMom, stepSize, eps, adapts]`; slots `gradAvg`, `sqrAvg`:
 * `p ← keep · p`, `g ← g + l2 · p`, `m ← mom · m + (1 − mom) · g`, `v ← sqrMom · v + (1 − sqrMom) · g²`,
 * then `p − stepSize · m / (√v + eps)`, or `p − stepSize · m` where `adapts` is 0.
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
      return { scalars: [keep, l2, hypers.mom, hypers.sqrMom, stepSize, eps, adapts ? 1 : 0], step };
    },
    update(
      { p, grad, slots: [m, v], pOut, slotsOut: [mOut, vOut] },
      [keep = 1, l2 = 0, mom = 0, sqrMom = 0, stepSize = 0, eps = 0, adapts = 1],
    ) {
      if (m === undefined || v === undefined || mOut === undefined || vOut === undefined) return;
      for (let i = 0; i < p.length; i++) {
        const w = p[i]! * keep;
        const g = grad[i]! + l2 * w;
        const avg = mom * m[i]! + (1 - mom) * g;
        const sqr = sqrMom * v[i]! + (1 - sqrMom) * g * g;
        mOut[i] = avg;
        vOut[i] = sqr;
        pOut[i] = w - (adapts === 0 ? stepSize * avg : (stepSize * avg) / (Math.sqrt(sqr) + eps));
      }
    },
  };
}
