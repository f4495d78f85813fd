import * as tf from "@tensorflow/tfjs-core";
import { fmtShape, OptionError, ShapeError } from "../errors.ts";

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

  /**
   * Joins along one axis, the first unless said otherwise.
   * @throws {@link ShapeError} if the other axes differ, {@link OptionError} for an axis that is not there
   */
  static concat(parts: readonly HostTensor[], axis = 0): HostTensor {
    const [first] = parts;
    if (first === undefined) return new HostTensor([0], new Float32Array(0));
    const rank = Math.max(1, first.shape.length);
    const along = axis < 0 ? axis + rank : axis;
    if (!Number.isInteger(along) || along < 0 || along >= rank) {
      throw new OptionError("HostTensor.concat", {
        given: `axis ${axis} of ${fmtShape(first.shape)}`,
        expected: `an axis from ${-rank} to ${rank - 1}`,
      });
    }
    const others = (shape: readonly number[]): string => fmtShape(shape.filter((_, i) => i !== along));
    for (const part of parts) {
      if (others(part.shape) === others(first.shape)) continue;
      throw new ShapeError("HostTensor.concat", {
        given: `${fmtShape(first.shape)} and ${fmtShape(part.shape)}`,
        expected: `batches that differ in their ${along === 0 ? "first axis" : `axis ${along}`} only`,
        fix: "make all items one size with an item transform such as `Resize`, or take them one by one with `getPredItems`",
      });
    }
    const shape = first.shape.length === 0 ? [1] : [...first.shape];
    shape[along] = parts.reduce((sum, part) => sum + (part.shape[along] ?? 1), 0);
    const size = parts.reduce((sum, part) => sum + part.values.length, 0);
    const values = first.dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
    const outer = shape.slice(0, along).reduce((product, n) => product * n, 1);
    let at = 0;
    for (let block = 0; block < outer; block++) {
      for (const part of parts) {
        const width = part.values.length / outer;
        values.set(part.values.subarray(block * width, (block + 1) * width), at);
        at += width;
      }
    }
    return new HostTensor(shape, values);
  }

  /** Number of rows along the first axis. */
  get length(): number {
    return this.shape[0] ?? 1;
  }

  /** Row `index` of the first axis, a view. */
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
