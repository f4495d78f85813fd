import { checkOptions } from "../checkOptions.ts";
import { DataError } from "../errors.ts";
import type { HostTensor } from "./hostTensor.ts";
import type { Learner } from "./learner.ts";

/** A model's answer for one item. */
export interface Prediction<X = unknown, Y = unknown> {
  /** For a person: the class name, the number, the list of labels. */
  decoded: Y;
  /** As the loss decodes it: the class index, the numbers. */
  pred: number | number[];
  /** What the loss's activation makes of the outputs: probabilities for a classifier. */
  probs: number[];
  /** The input as decoded back from what the model saw. */
  input: X;
}

export interface PredictOptions {
  /**
   * Type transforms of the input that the item has behind it already: an opened picture instead of its path, say.
   * @defaultValue found by the type of the item
   */
  rmTypeTfms?: number;
}

/** Predicts one raw item, with the transforms of validation. */
export async function predict<X, Y>(
  learn: Learner<X, Y>,
  item: unknown,
  options: PredictOptions = {},
): Promise<Prediction<X, Y>> {
  checkOptions("Learner.predict", options, { rmTypeTfms: true });
  if (item === undefined || item === null) {
    throw new DataError("Learner.predict", {
      given: String(item),
      expected: "one item of the kind the model was trained on",
    });
  }
  const dl = learn.dls.testDl([item], options);
  const { preds, decoded, inputs } = await learn.getPreds({ dl, withInput: true, withDecoded: true });
  const pred = row(decoded as HostTensor);
  const xb = (inputs ?? []).map((x) => x.toTensor());
  const yb = [(decoded as HostTensor).toTensor()];
  try {
    const [sample] = await dl.decodeBatch({ xb, yb }, { maxN: 1 });
    return { decoded: sample?.y as Y, pred, probs: preds.row(0).toArray(), input: sample?.x as X };
  } finally {
    for (const tensor of [...xb, ...yb]) tensor.dispose();
  }
}

function row(host: HostTensor): number | number[] {
  const values = host.row(0).toArray();
  return host.shape.length === 1 ? (values[0] ?? Number.NaN) : values;
}
