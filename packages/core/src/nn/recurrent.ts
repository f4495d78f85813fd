import * as tf from "@tensorflow/tfjs-core";
import { checkOptions, type KnownOptions } from "../checkOptions.ts";
import { checkWhole } from "../checkWhole.ts";
import { fmtShape, ShapeError } from "../errors.ts";
import { dropout, gru, lstm } from "../fused/index.ts";
import { rng } from "../random.ts";
import { defaultUniform } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter, type Weight } from "./parameter.ts";

export interface RecurrentOptions {
  /** Layers on top of each other. @defaultValue 1 */
  numLayers?: number;
  /** @defaultValue true */
  bias?: boolean;
  /** Input is `[N, T, I]`; false: `[T, N, I]`. @defaultValue true (PyTorch: false) */
  batchFirst?: boolean;
  /** Dropout on the output of every layer but the last, while training. @defaultValue 0 */
  dropout?: number;
  /** Also read each sequence from its end; outputs are `[N, T, 2H]`. @defaultValue false */
  bidirectional?: boolean;
}

const RECURRENT: KnownOptions<RecurrentOptions> = {
  ...{ numLayers: true, bias: true, batchFirst: true, dropout: true, bidirectional: true },
};

/** Weights of one layer in one direction. Each may be replaced, for example by one that drops out. */
export interface RecurrentCell {
  /** `[I, gates * H]` */
  weightIh: Weight;
  /** `[H, gates * H]` */
  weightHh: Weight;
  biasIh: Parameter | null;
  biasHh: Parameter | null;
}

/** What an LSTM carries from step to step, `[layers * directions, N, H]` each. */
export interface LstmState {
  h: tf.Tensor;
  c: tf.Tensor;
}

/** What a GRU carries from step to step, `[layers * directions, N, H]`. */
export interface GruState {
  h: tf.Tensor;
}

abstract class Recurrent<State extends GruState> extends Module<
  [x: tf.Tensor, state?: State],
  State & { output: tf.Tensor }
> {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  /** By layer, then direction. */
  readonly cells: RecurrentCell[] = [];

  constructor(inputSize: number, hiddenSize: number, gates: number, options: RecurrentOptions) {
    super();
    checkOptions(new.target.name, options, RECURRENT);
    const { numLayers = 1, bias = true, batchFirst = true, dropout: p = 0, bidirectional = false } = options;
    for (const [name, value] of Object.entries({ inputSize, hiddenSize, numLayers })) {
      checkWhole(new.target.name, name, value, 1);
    }
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.batchFirst = batchFirst;
    this.dropout = p;
    this.bidirectional = bidirectional;
    const weight = (shape: number[]) => new Parameter(defaultUniform(shape, hiddenSize, "linear"), "linear");
    const offset = () => (bias ? new Parameter(defaultUniform([gates * hiddenSize], hiddenSize)) : null);
    const directions = bidirectional ? 2 : 1;
    for (let i = 0; i < numLayers * directions; i++) {
      const inputs = i < directions ? inputSize : hiddenSize * directions;
      this.cells.push({
        weightIh: weight([inputs, gates * hiddenSize]),
        weightHh: weight([hiddenSize, gates * hiddenSize]),
        biasIh: offset(),
        biasHh: offset(),
      });
    }
  }

  /** One layer in one direction, over `x` of `[N, T, I]`; the initial state has `[N, H]` tensors. */
  protected abstract runCell(x: tf.Tensor, cell: RecurrentCell, initial: tf.Tensor[]): tf.Tensor[];
  protected abstract get stateNames(): readonly (keyof State & string)[];

  override forward(x: tf.Tensor, state?: State): State & { output: tf.Tensor } {
    this.#check(x);
    const run = () => {
      const directions = this.bidirectional ? 2 : 1;
      let input = this.batchFirst ? x : tf.transpose(x, [1, 0, 2]);
      const zeros = state === undefined ? tf.zeros([input.shape[0]!, this.hiddenSize]) : null;
      const given = this.stateNames.map((name) =>
        zeros === null ? tf.unstack(state![name] as unknown as tf.Tensor) : this.cells.map(() => zeros),
      );
      const finals: tf.Tensor[][] = this.stateNames.map(() => []);
      for (let layer = 0; layer < this.numLayers; layer++) {
        if (layer > 0 && this.training && this.dropout > 0) input = dropout(input, this.dropout, rng().uint32());
        const outputs: tf.Tensor[] = [];
        for (let direction = 0; direction < directions; direction++) {
          const i = layer * directions + direction;
          const read = direction === 0 ? input : tf.reverse(input, 1);
          const [output, ...last] = this.runCell(
            read,
            this.cells[i]!,
            given.map((all) => all[i]!),
          );
          outputs.push(direction === 0 ? output! : tf.reverse(output!, 1));
          for (const [k, final] of last.entries()) finals[k]!.push(final);
        }
        input = directions === 1 ? outputs[0]! : tf.concat(outputs, 2);
      }
      const output = this.batchFirst ? input : tf.transpose(input, [1, 0, 2]);
      const ends = this.stateNames.map((name, k) => [name, tf.stack(finals[k]!)] as const);
      return { output, ...Object.fromEntries(ends) };
    };
    return tf.tidy(run) as unknown as State & { output: tf.Tensor };
  }

  /** PyTorch's names: `weight_ih_l0`, `weight_hh_l0_reverse`. */
  override fields(): [string, unknown][] {
    const directions = this.bidirectional ? 2 : 1;
    return this.cells.flatMap((cell, i) => {
      const suffix = `l${Math.floor(i / directions)}${i % directions === 1 ? "_reverse" : ""}`;
      return [
        [`weight_ih_${suffix}`, cell.weightIh],
        [`weight_hh_${suffix}`, cell.weightHh],
        [`bias_ih_${suffix}`, cell.biasIh],
        [`bias_hh_${suffix}`, cell.biasHh],
      ] as [string, unknown][];
    });
  }

  #check(x: tf.Tensor): void {
    if (x.rank === 3 && x.shape[2] === this.inputSize) return;
    throw new ShapeError(this.constructor.name, {
      given: `input ${fmtShape(x.shape)}`,
      expected: `${this.batchFirst ? "[N, T, " : "[T, N, "}${this.inputSize}]`,
    });
  }
}

/** Long short-term memory over whole sequences. @see Hochreiter & Schmidhuber 1997 */
export class LSTM extends Recurrent<LstmState> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, 4, options);
  }

  protected override get stateNames(): readonly ["h", "c"] {
    return ["h", "c"];
  }

  protected override runCell(x: tf.Tensor, cell: RecurrentCell, [h0, c0]: tf.Tensor[]): tf.Tensor[] {
    const { weightIh, weightHh, biasIh, biasHh } = cell;
    const biases = [biasIh?.value ?? null, biasHh?.value ?? null] as const;
    const { output, h, c } = lstm(x, h0!, c0!, weightIh.value, weightHh.value, ...biases);
    return [output, h, c];
  }
}

/** Gated recurrent unit over whole sequences. @see Cho et al. 2014, https://arxiv.org/abs/1406.1078 */
export class GRU extends Recurrent<GruState> {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, 3, options);
  }

  protected override get stateNames(): readonly ["h"] {
    return ["h"];
  }

  protected override runCell(x: tf.Tensor, cell: RecurrentCell, [h0]: tf.Tensor[]): tf.Tensor[] {
    const { weightIh, weightHh, biasIh, biasHh } = cell;
    const biases = [biasIh?.value ?? null, biasHh?.value ?? null] as const;
    const { output, h } = gru(x, h0!, weightIh.value, weightHh.value, ...biases);
    return [output, h];
  }
}
