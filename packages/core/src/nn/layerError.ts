import { Tensor } from "@tensorflow/tfjs-core";
import { fmtShape, type LayerwiseError, ShapeError } from "../errors.ts";

interface Layer {
  namedModules(): [string, unknown][];
}

/** The layer that failed and what it said, for the outer layers to name it from their point of view. */
const origins = new WeakMap<Error, { layer: Layer; error: LayerwiseError }>();

/**
 * The error to throw for a failure inside a layer's `forward`: it names the path to that layer, as seen from the
 * outermost module that was called, and the shapes that came in. Errors that are not about shapes pass unchanged.
 */
export function locateLayerError(error: unknown, layer: Layer, inputs: readonly unknown[]): unknown {
  if (!(error instanceof Error)) return error;
  const origin = origins.get(error) ?? describe(error, layer, inputs);
  if (origin === undefined) return error;
  const path = layer.namedModules().find(([, module]) => module === origin.layer)?.[0] ?? "";
  const name = origin.layer.constructor.name;
  const { given, expected, fix, cause } = origin.error;
  const located = new ShapeError(path === "" ? name : `${path} (${name})`, {
    given,
    expected,
    cause,
    ...(fix === undefined ? {} : { fix }),
  });
  origins.set(located, origin);
  return located;
}

function describe(error: Error, layer: Layer, inputs: readonly unknown[]) {
  if (error instanceof ShapeError) return { layer, error };
  // TensorFlow.js throws plain errors; other classes (a cancelled fit, an option) mean what they say.
  if (error.constructor !== Error) return undefined;
  const given = `input ${inputs.map(fmtInput).join(", ")}`;
  const expected = `an input that the layer can compute with (${error.message})`;
  return { layer, error: new ShapeError(layer.constructor.name, { given, expected, cause: error }) };
}

/** The shapes of tensors, for messages. */
export function fmtInput(input: unknown): string {
  if (input instanceof Tensor) return fmtShape(input.shape);
  if (Array.isArray(input)) return `[${input.map(fmtInput).join(", ")}]`;
  return input === null ? "null" : typeof input;
}
