import { checkOptions, type KnownOptions, OptionError, StateError } from "@layerwise/core";
import type { AnyModule } from "@layerwise/core/nn";
import { type Figure, heatMap, lineChart, panels } from "@layerwise/plot";
import * as tf from "@tensorflow/tfjs-core";
import { HOOK_OPTIONS, HookCallback, type HookCallbackOptions } from "./hookCallback.ts";
import { HIST_BINS, type LayerStat, layerStatTensor, toLayerStat } from "./layerStat.ts";

export interface ActivationStatsOptions extends Omit<HookCallbackOptions, "isForward" | "detach"> {
  /** Also a histogram per layer and batch, for `hist` and `colorDim`. @defaultValue false */
  withHist?: boolean;
}

const { isForward: _isForward, detach: _detach, ...HOOKS } = HOOK_OPTIONS;
const ACTIVATION_STATS: KnownOptions<ActivationStatsOptions> = { ...HOOKS, withHist: true };

/** Curves over the recorded batches. */
export interface LayerStatsOverTime {
  mean: number[];
  std: number[];
  nearZero: number[];
}

/**
 * Records how large the activations of each layer are while the model trains: a layer whose outputs are mostly near
 * zero has stopped learning. The numbers of a batch are read back in one go.
 */
export class ActivationStats extends HookCallback<tf.Tensor[]> {
  static override readonly cbName: string = "activationStats";
  override readonly order = -20; // before trainIter moves on
  override readonly trainOnly = true;
  override runValid = false;
  readonly withHist: boolean;
  /** By recorded batch, then layer, then output: most layers have one, an LSTM has several. */
  stats: LayerStat[][][] = [];

  constructor(options: ActivationStatsOptions = {}) {
    checkOptions("ActivationStats", options, ACTIVATION_STATS);
    const { withHist = false, ...hooks } = options;
    super(hooks);
    this.withHist = withHist;
  }

  protected override hook(_module: AnyModule, _inputs: readonly unknown[], output: unknown): tf.Tensor[] {
    if (!this.recording) return [];
    return tensorsIn(output).map((tensor) => layerStatTensor(tensor, this.withHist));
  }

  override beforeFit(): void {
    this.stats = [];
    super.beforeFit();
  }

  override async afterBatch(): Promise<void> {
    try {
      if (this.recording && this.hooks) this.stats.push(await readAll(this.hooks.stored));
    } finally {
      await super.afterBatch();
    }
  }

  /** Mean, std and share near zero of layer `idx` (negative: from the end) over the recorded batches. */
  layerStats(idx: number): LayerStatsOverTime {
    const records = this.#records(idx);
    return {
      mean: records.map(({ mean }) => mean),
      std: records.map(({ std }) => std),
      nearZero: records.map(({ nearZero }) => nearZero),
    };
  }

  /**
   * `ln(1 + count)` of layer `idx`, `[40, batches]`; the first row counts the activations nearest to zero.
   * @throws {@link StateError} if no histograms were recorded
   */
  hist(idx: number): number[][] {
    const records = this.#records(idx);
    if (!this.withHist) {
      throw new StateError("ActivationStats.hist", {
        given: "statistics without histograms",
        expected: "histograms",
        fix: "train with `new ActivationStats({ withHist: true })`",
      });
    }
    return Array.from({ length: HIST_BINS }, (_, bin) => records.map(({ hist = [] }) => Math.log1p(hist[bin] ?? 0)));
  }

  /**
   * The colorful dimension: histograms of layer `idx` side by side, a column per recorded batch, zero at the bottom.
   * Good training fills the picture evenly; sharp breaks and a lone bright line at the bottom are trouble.
   */
  colorDim(idx: number): Figure {
    const values = this.hist(idx);
    const batches = values[0]?.length ?? 0;
    const side = Math.min(8, Math.max(2, 800 / batches)); // cells are square up to 400 batches, then they get narrow
    return heatMap({
      values,
      colormap: "viridis",
      origin: "bottom",
      axes: false,
      width: Math.max(16, Math.min(800, Math.round(side * batches))),
      height: Math.round(side * HIST_BINS),
    });
  }

  /** Mean, std and share near zero of layer `idx` over the recorded batches, in three panels. */
  plotLayerStats(idx: number): Figure {
    const { mean, std, nearZero } = this.layerStats(idx);
    const curves: [string, number[]][] = [
      ["mean", mean],
      ["std", std],
      ["% near zero", nearZero],
    ];
    const charts = curves.map(([title, y]) =>
      lineChart({ title, series: [{ name: title, y }], width: 280, height: 200 }),
    );
    return panels(charts, { cols: 3 });
  }

  #records(idx: number): LayerStat[] {
    const layers = this.stats[0]?.length ?? 0;
    if (layers === 0) {
      throw new StateError("ActivationStats", {
        given: "nothing recorded",
        expected: "a fit with this callback",
        fix: "pass it in `cbs` and call `learn.fit` first",
      });
    }
    if (!Number.isInteger(idx) || idx >= layers || idx < -layers) {
      throw new OptionError("ActivationStats", { given: `layer ${idx}`, expected: `${-layers} to ${layers - 1}` });
    }
    return this.stats.map((batch) => batch.at(idx)?.[0] ?? toLayerStat([]));
  }
}

function tensorsIn(output: unknown): tf.Tensor[] {
  if (output instanceof tf.Tensor) return [output];
  return output !== null && typeof output === "object" ? Object.values(output).flatMap(tensorsIn) : [];
}

/** One transfer for all layers. */
async function readAll(stored: readonly (readonly tf.Tensor[] | undefined)[]): Promise<LayerStat[][]> {
  const tensors = stored.flatMap((layer) => layer ?? []);
  if (tensors.length === 0) return stored.map(() => []);
  const all = tf.tidy(() => tf.concat(tensors));
  const values = await all.data();
  all.dispose();
  let at = 0;
  const take = ({ size }: tf.Tensor): LayerStat => {
    at += size;
    return toLayerStat(values.slice(at - size, at));
  };
  return stored.map((layer) => (layer ?? []).map(take));
}
