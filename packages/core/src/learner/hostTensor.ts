import * as tf from "@tensorflow/tfjs-core";
import { fmtShape, ShapeError } from "../errors.ts";

/** Numbers of a tensor that were read back: yours to keep, nothing to dispose. */
export class HostTensor {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
  readonly values: Float32Array | Int32Array;

  constructor(shape: readonly number[], values: Float32Array | Int32Array) {
    const size = shape.reduce((product, n) => product * n, 1);
    if (size !== values.length) {
      throw new ShapeError("HostTensor", {
        given: `${values.length} values`,
        expected: `${size} for ${fmtShape(shape)}`,
      });
    }
    this.shape = shape;
    this.values = values;
    this.dtype = values instanceof Int32Array ? "int32" : "float32";
  }

  /** Reads `tensor`, which stays the caller's. */
  static async read(tensor: tf.Tensor): Promise<HostTensor> {
    const values = await tensor.data();
    const typed = tensor.dtype === "float32" ? Float32Array.from(values) : Int32Array.from(values);
    return new HostTensor(tensor.shape, typed);
  }

  /** Joins along the first axis. @throws {@link ShapeError} if the other axes differ */
  static concat(parts: readonly HostTensor[]): HostTensor {
    const [first] = parts;
    if (first === undefined) return new HostTensor([0], new Float32Array(0));
    const tail = first.shape.slice(1);
    let rows = 0;
    let size = 0;
    for (const part of parts) {
      if (fmtShape(part.shape.slice(1)) !== fmtShape(tail)) {
        throw new ShapeError("HostTensor.concat", {
          given: `${fmtShape(first.shape)} and ${fmtShape(part.shape)}`,
          expected: "batches that differ in their first axis only",
          fix: "make all items one size with an item transform such as `Resize`, or go through the loader batch by batch",
        });
      }
      rows += part.shape[0] ?? 1;
      size += part.values.length;
    }
    const values = first.dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
    let at = 0;
    for (const part of parts) {
      values.set(part.values, at);
      at += part.values.length;
    }
    return new HostTensor([rows, ...tail], values);
  }

  /** Number of rows along the first axis. */
  get length(): number {
    return this.shape[0] ?? 1;
  }

  /** MetricRow `index` of the first axis, a view. */
  row(index: number): HostTensor {
    const size = this.values.length / this.length;
    return new HostTensor(this.shape.slice(1), this.values.subarray(index * size, (index + 1) * size));
  }

  /** Rows in another order, or some of them. */
  take(indices: readonly number[]): HostTensor {
    const size = this.length === 0 ? 0 : this.values.length / this.length;
    const values =
      this.dtype === "int32" ? new Int32Array(indices.length * size) : new Float32Array(indices.length * size);
    for (const [to, from] of indices.entries())
      values.set(this.values.subarray(from * size, (from + 1) * size), to * size);
    return new HostTensor([indices.length, ...this.shape.slice(1)], values);
  }

  /** A tensor on the device, the caller's to dispose. */
  toTensor(): tf.Tensor {
    return tf.tensor(this.values, [...this.shape], this.dtype);
  }

  toArray(): number[] {
    return Array.from(this.values);
  }
}
