import * as tf from "@tensorflow/tfjs-core";
import { checkOptions } from "../checkOptions.ts";
import { checkWhole } from "../checkWhole.ts";
import { OptionError } from "../errors.ts";
import type { Parameter } from "../nn/parameter.ts";
import { Optimizer } from "./optimizer.ts";
import { checkTensor, type OptimizerState, readTensor, toTensor } from "./optimizerState.ts";
import { copy } from "./ownership.ts";
import { scalar, sharingScalars } from "./scalars.ts";

export interface LookaheadOptions {
  /** Steps between two looks back. @defaultValue 6 */
  k?: number;
  /** How far the slow weights follow the fast ones, 0…1. @defaultValue 0.5 */
  alpha?: number;
}

/**
 * Any optimizer plus slow weights: every `k` steps these move by `alpha` towards the fast ones, which start from
 * there again.
 * @see Zhang et al. 2019, https://arxiv.org/abs/1907.08610
 */
export class Lookahead extends Optimizer {
  readonly k: number;
  readonly alpha: number;
  #count = 0;
  #slow: Map<Parameter, tf.Tensor> | undefined;

  /** @remarks Takes over `inner`, which is not to be stepped on its own any more. */
  constructor(inner: Optimizer, options: LookaheadOptions = {}) {
    checkOptions("Lookahead", options, { k: true, alpha: true });
    const { k = 6, alpha = 0.5 } = options;
    checkWhole("Lookahead", "k", k, 1);
    if (inner.constructor !== Optimizer) {
      throw new OptionError("Lookahead", {
        given: `a ${inner.constructor.name}`,
        expected: "an optimizer made of steppers, such as `adam(...)`",
      });
    }
    const config = inner.config && { ...inner.config, lookahead: { k, alpha } };
    super(inner.paramLists, inner.steppers, {}, { fused: inner.fused, config });
    for (const [i, hypers] of inner.hypers.entries()) this.hypers[i] = { ...hypers };
    for (const [p, state] of inner.state) this.state.set(p, state);
    this.frozenIdx = inner.frozenIdx;
    this.k = k;
    this.alpha = alpha;
  }

  /** Steps since the start, or since the state was cleared. */
  get count(): number {
    return this.#count;
  }

  override step(): void {
    this.#slow ??= new Map(this.allParams().map((p) => [p, tf.keep(tf.clone(p.value))]));
    super.step();
    this.#count++;
    if (this.#count % this.k === 0) this.#lookBack(this.#slow);
  }

  override clearState(): void {
    super.clearState();
    this.#forget();
  }

  override async stateDict(): Promise<OptimizerState> {
    const count = this.#count;
    const clones = this.allParams()
      .flatMap((p) => this.#slow?.get(p) ?? [])
      .map((slow) => tf.keep(tf.clone(slow)));
    const [state, slow] = await Promise.all([super.stateDict(), Promise.all(clones.map(readTensor))]);
    return { ...state, lookahead: { count, slow } };
  }

  override loadStateDict(saved: OptimizerState): void {
    const { count, slow } = saved.lookahead ?? { count: 0, slow: [] };
    const params = this.allParams();
    for (const [i, tensor] of slow.entries()) checkTensor(tensor, "slow weights", params[i], i);
    void super.loadStateDict(saved);
    this.#forget();
    this.#count = count;
    if (slow.length === params.length) this.#slow = new Map(params.map((p, i) => [p, toTensor(slow[i]!)]));
  }

  override remember(): () => void {
    const goBack = super.remember();
    const count = this.#count;
    const slow = this.#slow && new Map([...this.#slow].map(([p, value]) => [p, tf.keep(tf.tidy(() => copy(value)))]));
    return () => {
      goBack();
      this.#forget();
      this.#count = count;
      this.#slow = slow;
    };
  }

  override dispose(): void {
    super.dispose();
    this.#forget();
  }

  #lookBack(slow: Map<Parameter, tf.Tensor>): void {
    sharingScalars(() => {
      for (const [p, old] of slow) {
        if (!p.requiresGrad) continue;
        const next = tf.tidy(() => tf.add(old, tf.mul(tf.sub(p.value, old), scalar(this.alpha))));
        slow.set(p, tf.keep(next));
        old.dispose();
        p.assign(tf.clone(next));
      }
    });
  }

  #forget(): void {
    this.#count = 0;
    for (const slow of this.#slow?.values() ?? []) slow.dispose();
    this.#slow = undefined;
  }
}

/** Wraps `optimizer` in a {@link Lookahead}. */
export function lookahead(optimizer: Optimizer, options: LookaheadOptions = {}): Lookahead {
  return new Lookahead(optimizer, options);
}
