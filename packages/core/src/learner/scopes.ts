import { type LossFunction, withNoneReduce } from "../losses/index.ts";
import type { Learner } from "./learner.ts";
import { noLogging } from "./logger.ts";
import { itemLosses } from "./lossParts.ts";

/** Runs `body` while some of the learner's fields have other values, and puts the old ones back. */
async function having<K extends "logger" | "createMbar" | "lossFunc", T>(
  learn: Learner,
  changes: Pick<Learner, K>,
  body: () => T | Promise<T>,
): Promise<T> {
  const before = Object.fromEntries(Object.keys(changes).map((key) => [key, learn[key as K]]));
  Object.assign(learn, changes);
  try {
    return await body();
  } finally {
    Object.assign(learn, before);
  }
}

/** Rows go nowhere. */
export function withNoLogging<T>(learn: Learner, body: () => T | Promise<T>): Promise<T> {
  return having(learn, { logger: noLogging }, body);
}

/** Nothing may draw progress. */
export function withNoMbar<T>(learn: Learner, body: () => T | Promise<T>): Promise<T> {
  return having(learn, { createMbar: false }, body);
}

/** The loss gives one value per item; a plain function is then called item by item. */
export async function withLossNotReduced<T>(learn: Learner, body: () => T | Promise<T>): Promise<T> {
  const { lossFunc } = learn;
  if (lossFunc.reduction !== undefined) return withNoneReduce(lossFunc, async () => body());
  return having(learn, { lossFunc: itemLosses(lossFunc as LossFunction) }, body);
}
