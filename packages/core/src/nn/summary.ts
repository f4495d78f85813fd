import * as tf from "@tensorflow/tfjs-core";
import { flattenModel } from "./flatten.ts";
import { Hook } from "./hooks.ts";
import type { AnyModule } from "./module.ts";
import { totalParams } from "./params.ts";

/** The shape of an output; a list or record of outputs gives a list of shapes. */
export type OutputShape = readonly number[] | readonly OutputShape[];

/** One layer of a model, as a pass through it found it. */
export interface LayerInfo {
  /** Class name. */
  type: string;
  /** Numbers it holds; null if it has no weight. */
  params: number | null;
  /** Whether they are trained; null if there are none. */
  trainable: boolean | null;
  shape: OutputShape;
  /** Whether the output has the shape of the input, apart from the batch. */
  same: boolean;
}

/** A model as a table: data, and text through `toString`. */
export interface ModuleSummary {
  model: string;
  inputShapes: readonly (readonly number[])[];
  layers: readonly LayerInfo[];
  totalParams: number;
  trainableParams: number;
  frozenParams: number;
  toString(): string;
}

/** Runs the first item of a batch through the model, in eval mode, and notes what each layer did, in order. */
export function layerInfo(model: AnyModule, ...xb: readonly tf.Tensor[]): LayerInfo[] {
  const found = new Map<AnyModule, LayerInfo>();
  const leaves = flattenModel(model);
  const hooks = leaves.map((leaf) => new Hook(leaf, (m, i, o) => void found.set(m, describe(m, i, o))));
  try {
    model.evaluating(() => tf.tidy(() => void model.call(...xb.map((x) => tf.slice(x, 0, Math.min(1, x.shape[0]!))))));
  } finally {
    for (const hook of hooks) hook.remove();
    model.reset?.();
  }
  return leaves.flatMap((leaf) => found.get(leaf) ?? []);
}

function describe(module: AnyModule, inputs: readonly unknown[], output: unknown): LayerInfo {
  const { count, trainable } = totalParams(module);
  const weighted = count > 0 || "weight" in module;
  return {
    type: module.constructor.name,
    params: weighted ? count : null,
    trainable: weighted ? trainable : null,
    shape: shapeOf(output),
    same: tensorsOf(inputs).some((x) => output instanceof tf.Tensor && equal(x.shape.slice(1), output.shape.slice(1))),
  };
}

function shapeOf(output: unknown): OutputShape {
  if (output instanceof tf.Tensor) return output.shape;
  return output !== null && typeof output === "object" ? Object.values(output).map(shapeOf) : [];
}

function tensorsOf(inputs: readonly unknown[]): tf.Tensor[] {
  return inputs.filter((input): input is tf.Tensor => input instanceof tf.Tensor);
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Describes a model layer by layer, for a batch like `xb`. */
export function moduleSummary(model: AnyModule, ...xb: readonly tf.Tensor[]): ModuleSummary {
  const layers = layerInfo(model, ...xb);
  const parameters = model.parameters();
  const total = parameters.reduce((sum, { size }) => sum + size, 0);
  const trainable = parameters.reduce((sum, { size, requiresGrad }) => sum + (requiresGrad ? size : 0), 0);
  const summary: ModuleSummary = {
    model: model.constructor.name,
    inputShapes: xb.map(({ shape }) => shape),
    layers,
    totalParams: total,
    trainableParams: trainable,
    frozenParams: total - trainable,
    toString: () => asText(summary),
  };
  return summary;
}

const width = 76;

function asText({
  model,
  inputShapes,
  layers,
  totalParams: total,
  trainableParams,
  frozenParams,
}: ModuleSummary): string {
  const batch = inputShapes[0]?.[0] ?? 1;
  const inputs = inputShapes.length === 1 ? fmt(inputShapes[0]!, batch) : fmt(inputShapes, batch);
  const lines = [
    `${model} (Input shape: ${inputs})`,
    "=".repeat(width),
    row("Layer (type)", "Output Shape", "Param #", "Trainable"),
    "=".repeat(width),
  ];
  let previous: OutputShape | null = null;
  for (const { type, params, trainable, shape, same } of layers) {
    if (previous === null) lines.push(shapeLine(shape, batch));
    else if (!same && !equal(previous, shape)) lines.push("_".repeat(width), shapeLine(shape, batch));
    lines.push(
      row(type, "", params === null ? "" : `${params}`, trainable === null ? "" : trainable ? "True" : "False"),
    );
    previous = shape;
  }
  const number = (n: number) => n.toLocaleString("en-US");
  lines.push("_".repeat(width), "", `Total params: ${number(total)}`);
  lines.push(
    `Total trainable params: ${number(trainableParams)}`,
    `Total non-trainable params: ${number(frozenParams)}`,
  );
  return lines.join("\n");
}

function row(type: string, shape: string, params: string, trainable: string): string {
  return `${type.padEnd(20)} ${shape.padEnd(20)} ${params.padEnd(10)} ${trainable.padEnd(10)}`;
}

function shapeLine(shape: OutputShape, batch: number): string {
  return `${"".padEnd(20)} ${fmt(shape, batch).slice(0, 19).padEnd(20)}`;
}

/** `64 x 28 x 28 x 1`, with the real batch size; `['64 x 8', '64 x 3']` for several. */
function fmt(shape: OutputShape, batch: number): string {
  if (shape.every((n) => typeof n === "number")) return [batch, ...shape.slice(1)].join(" x ");
  return `[${(shape as readonly OutputShape[]).map((each) => `'${fmt(each, batch)}'`).join(", ")}]`;
}
