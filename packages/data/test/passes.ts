import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, expect, vi } from "vitest";
import type { DataBatch } from "../src/batch.ts";
import { RandTransform } from "../src/randTransform.ts";
import type { TransformContext } from "../src/transformContext.ts";

/** Every test of the file must free the tensors it makes; what it watches of the console is given back. */
export function checkLeaks(): void {
  let before = 0;
  beforeEach(() => {
    before = tf.memory().numTensors;
  });
  afterEach(() => {
    expect(tf.memory().numTensors).toBe(before);
    vi.restoreAllMocks();
  });
}

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Numbers of each batch of a pass. */
export async function batches(pass: AsyncIterable<DataBatch>): Promise<number[][]> {
  const all: number[][] = [];
  for await (using batch of pass) all.push([...(await batch.xb[0]!.data.data())]);
  return all;
}

/** Adds a random part to a number. */
export class Jitter extends RandTransform<number> {
  override beforeCall(_x: unknown, { rng }: TransformContext): number {
    return rng.uniform();
  }
}
Jitter.on(Number, (x, _tfm, { draw }) => x + draw);
