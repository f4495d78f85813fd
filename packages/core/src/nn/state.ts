import * as tf from "@tensorflow/tfjs-core";
import { FileFormatError, fmtShape } from "../errors.ts";
import { type Buffer, Parameter, type WeightLayout } from "./parameter.ts";

/** One tensor of a saved state. */
export interface StateEntry {
  shape: readonly number[];
  dtype: tf.DataType;
  values: Float32Array | Int32Array | Uint8Array;
}

/** Saved parameters and buffers by name. */
export type StateDict = Map<string, StateEntry>;

export interface StateOptions {
  /** Axis order of the weights: ours, or PyTorch's. @defaultValue "native" */
  layout?: "native" | "torch";
}

export interface LoadOptions extends StateOptions {
  /** Throw if a name is missing or unexpected; a shape that differs always throws. @defaultValue true */
  strict?: boolean;
}

/** What a load that was not strict left out. */
export interface LoadReport {
  missing: string[];
  unexpected: string[];
}

type Owned = Parameter | Buffer;

/** For each layout, the axes of PyTorch's tensor in the order in which ours has them. */
const fromTorch: Record<Exclude<WeightLayout, "same">, readonly number[]> = {
  linear: [1, 0],
  conv1d: [2, 1, 0],
  conv2d: [2, 3, 1, 0],
  conv3d: [2, 3, 4, 1, 0],
  convTranspose1d: [2, 1, 0],
  convTranspose2d: [2, 3, 1, 0],
  convTranspose3d: [2, 3, 4, 1, 0],
};

function axesFromTorch(entry: Owned, layout: StateOptions["layout"]): readonly number[] | null {
  if (layout !== "torch" || !(entry instanceof Parameter) || entry.layout === "same") return null;
  return fromTorch[entry.layout];
}

/** The shape that PyTorch gives to a weight of `shape` here. */
export function torchShape(shape: readonly number[], layout: WeightLayout): number[] {
  return layout === "same" ? [...shape] : inverse(fromTorch[layout]).map((axis) => shape[axis]!);
}

/** Numbers in PyTorch's order of axes, put into ours. */
export function fromTorchOrder(entry: StateEntry, layout: WeightLayout): StateEntry {
  return layout === "same" ? entry : permute(entry, fromTorch[layout]);
}

function inverse(axes: readonly number[]): number[] {
  return axes.map((_, i) => axes.indexOf(i));
}

/** Reads every entry from the device. */
export async function readState(entries: [string, Owned][], { layout = "native" }: StateOptions): Promise<StateDict> {
  const read = entries.map(async ([name, entry]): Promise<[string, StateEntry]> => {
    const { shape, dtype } = entry.value;
    const values = (await entry.value.data()) as StateEntry["values"];
    const native: StateEntry = { shape: [...shape], dtype, values: values.slice() };
    const axes = axesFromTorch(entry, layout);
    return [name, axes === null ? native : permute(native, inverse(axes))];
  });
  return new Map(await Promise.all(read));
}

/** Checks all of `state` against `entries`, then assigns. */
export function assignState(
  where: string,
  entries: [string, Owned][],
  state: StateDict,
  { layout = "native", strict = true }: LoadOptions,
): LoadReport {
  const known = new Map(entries);
  const missing = entries.map(([name]) => name).filter((name) => !state.has(name));
  const unexpected = [...state.keys()].filter((name) => !known.has(name) && !name.endsWith("num_batches_tracked"));
  const plan: [Owned, StateEntry][] = [];
  const differing: string[] = [];
  for (const [name, entry] of entries) {
    const saved = state.get(name);
    if (saved === undefined) continue;
    const axes = axesFromTorch(entry, layout);
    const expected = entry.value.shape;
    const shape = axes === null ? saved.shape : axes.map((axis) => saved.shape[axis]!);
    if (!sameShape(shape, expected) || count(shape) !== saved.values.length) {
      const wanted = axes === null ? expected : inverse(axes).map((axis) => expected[axis]!);
      differing.push(`${name} is ${fmtShape(saved.shape)} instead of ${fmtShape(wanted)}`);
    } else plan.push([entry, axes === null ? saved : permute(saved, axes)]);
  }
  const faults = [
    ...(strict && missing.length > 0 ? [`missing ${missing.join(", ")}`] : []),
    ...(strict && unexpected.length > 0 ? [`unexpected ${unexpected.join(", ")}`] : []),
    ...(differing.length > 0 ? [`shapes that differ: ${differing.join("; ")}`] : []),
  ];
  if (faults.length > 0) {
    throw new FileFormatError(`${where}.loadStateDict`, {
      given: faults.join(". "),
      expected: `the ${entries.length} entries of this model, each in its shape`,
      fix: "build the model with the options it was saved with, or pass `strict: false` to load only the names that match",
    });
  }
  for (const [entry, saved] of plan) {
    entry.assign(tf.tensor(saved.values, [...saved.shape], entry.value.dtype));
  }
  return { missing, unexpected };
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** Reorders the axes of plain numbers: axis `i` of the result is axis `axes[i]` of `entry`. */
export function permute(entry: StateEntry, axes: readonly number[]): StateEntry {
  const shape = axes.map((axis) => entry.shape[axis]!);
  const sourceStrides = entry.shape.map((_, i) => count(entry.shape.slice(i + 1)));
  const strides = axes.map((axis) => sourceStrides[axis]!);
  const values = entry.values.slice();
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < values.length; to++) {
    values[to] = entry.values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { shape, dtype: entry.dtype, values };
}
