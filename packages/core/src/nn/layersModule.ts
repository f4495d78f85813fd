import * as tf from "@tensorflow/tfjs-core";
import { OptionError, ShapeError } from "../errors.ts";
import { type Entry, Module } from "./module.ts";
import { Buffer, Parameter } from "./parameter.ts";

/** What is used of a weight of TensorFlow.js Layers. */
export interface LayersVariableLike {
  readonly originalName: string;
  readonly trainable: boolean;
  /** The variable itself. */
  read(): tf.Tensor;
}

/** What is used of a layer of TensorFlow.js Layers. */
export interface LayersLayerLike {
  readonly name: string;
  readonly weights: readonly LayersVariableLike[];
  getClassName(): string;
}

/** What is used of a `tf.LayersModel`: any version of `@tensorflow/tfjs-layers` on the same tfjs-core will do. */
export interface LayersModelLike {
  readonly layers: readonly LayersLayerLike[];
  apply(inputs: tf.Tensor | tf.Tensor[], options?: { training?: boolean }): unknown;
}

/** A variable that TensorFlow.js Layers goes on reading and writing. */
class VariableBuffer extends Buffer {
  readonly #variable: tf.Variable;

  constructor(variable: tf.Variable) {
    super(variable);
    this.#variable = variable;
  }

  override assign(next: tf.Tensor): void {
    this.#variable.assign(next);
    next.dispose();
  }
}

/** The weights of one layer; the model calls the layer itself. */
class LayersWeights extends Module<readonly unknown[], never> {
  /** Named so that the optimizer does not decay it. */
  declare bias?: Parameter;
  readonly #entries: [string, Parameter | Buffer][];

  constructor({ name, weights }: LayersLayerLike) {
    super();
    this.#entries = weights.map((weight) => {
      const variable = weight.read() as tf.Variable;
      const short = weight.originalName.startsWith(`${name}/`)
        ? weight.originalName.slice(name.length + 1)
        : weight.originalName;
      return [short.replaceAll("/", "."), weight.trainable ? new Parameter(variable) : new VariableBuffer(variable)];
    });
    const bias = this.#entries.find(([entry]) => entry === "bias")?.[1];
    if (bias instanceof Parameter) this.bias = bias;
  }

  override forward(): never {
    throw new OptionError("LayersModule", { given: "a call of one layer", expected: "a call of the whole model" });
  }

  override ownEntries(): [string, Entry][] {
    return this.#entries;
  }
}

/** The weights of a layer that normalizes: they train in frozen groups too, and never decay. */
export class LayersNormWeights extends LayersWeights {}

const normNames = ["BatchNormalization", "LayerNormalization"];

/**
 * A `tf.LayersModel` as a module: for models that were built or trained with TensorFlow.js Layers or Keras. Its trainable
 * weights are parameters, named `layer.weight`, which the optimizer and both libraries share; the others are buffers.
 * Let it end in logits, or choose a loss that takes probabilities; its dropout draws from its own chance, not from ours.
 */
export class LayersModule extends Module<tf.Tensor[], tf.Tensor> {
  readonly #model: LayersModelLike;
  readonly #weights: [string, LayersWeights][];

  constructor(model: LayersModelLike) {
    super();
    this.#model = model;
    this.#weights = model.layers
      .filter(({ weights }) => weights.length > 0)
      .map((layer) => [
        layer.name,
        new (normNames.includes(layer.getClassName()) ? LayersNormWeights : LayersWeights)(layer),
      ]);
  }

  override forward(...inputs: tf.Tensor[]): tf.Tensor {
    const { training } = this;
    const output = this.#model.apply(inputs.length === 1 ? inputs[0]! : inputs, { training });
    if (output instanceof tf.Tensor) return output;
    throw new ShapeError("LayersModule", { given: "a model with several outputs", expected: "one output" });
  }

  override ownEntries(): [string, Entry][] {
    return this.#weights;
  }
}
