import * as tf from "@tensorflow/tfjs-core";
import { fmtShape, OptionError, ShapeError } from "../errors.ts";
import type { Parameter } from "../nn/parameter.ts";
import type { Hypers } from "./hypers.ts";

/** A tensor as plain values. */
export interface TensorState {
  shape: number[];
  dtype: "float32" | "int32";
  values: Float32Array | Int32Array;
}

/** What an optimizer knows, as plain values: groups' hyper-parameters, and each parameter's state in their order. */
export interface OptimizerState {
  hypers: Hypers[];
  state: Record<string, number | boolean | TensorState>[];
  frozenIdx: number;
  /** Steps done and slow weights of `Lookahead`. */
  lookahead?: { count: number; slow: TensorState[] };
  /** Weights of the foreign optimizers in an `OptimWrapper`, by group. */
  foreign?: { name: string; tensor: TensorState }[][];
}

/** Reads a tensor and frees it. @remarks Takes ownership of `tensor`. */
export async function readTensor(tensor: tf.Tensor): Promise<TensorState> {
  const values = (await tensor.data()) as Float32Array | Int32Array;
  const { shape, dtype } = tensor;
  tensor.dispose();
  return { shape: shape.slice(), dtype: dtype as "float32" | "int32", values: values.slice() };
}

/** A tensor that outlives the scope, with its own copy of the values. */
export function toTensor({ shape, dtype, values }: TensorState): tf.Tensor {
  return tf.keep(tf.tensor(values.slice(), shape, dtype));
}

/** @throws {@link OptionError} or {@link ShapeError} if `saved` is not from an optimizer over parameters like these */
export function checkState(saved: OptimizerState, groups: number, params: readonly Parameter[]): void {
  if (saved.hypers.length !== groups || saved.state.length !== params.length) {
    throw new OptionError("Optimizer.loadStateDict", {
      given: `${saved.hypers.length} groups with ${saved.state.length} parameters`,
      expected: `${groups} groups with ${params.length} parameters, as in this model`,
      fix: "build the model and its splitter as they were when the state was saved",
    });
  }
  for (const [i, entries] of saved.state.entries()) {
    for (const [name, value] of Object.entries(entries)) {
      if (typeof value === "object" && value.shape.length > 0) checkTensor(value, name, params[i], i);
    }
  }
}

/** @throws {@link ShapeError} unless `saved` has the shape of `param`, the optimizer's parameter number `i` */
export function checkTensor(saved: TensorState, name: string, param: Parameter | undefined, i: number): void {
  if (param !== undefined && tf.util.arraysEqual(saved.shape, param.shape)) return;
  throw new ShapeError("Optimizer.loadStateDict", {
    given: `${name} ${fmtShape(saved.shape)} for parameter ${i}`,
    expected: param === undefined ? "no such parameter" : `the parameter's shape ${fmtShape(param.shape)}`,
    fix: "build the model as it was when the state was saved",
  });
}
