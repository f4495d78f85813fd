import { checkOptions } from "@layerwise/core";
import type { Figure } from "@layerwise/plot";
import * as tf from "@tensorflow/tfjs-core";
import { collate } from "./collate.ts";
import { DataLoader } from "./dataLoader.ts";
import type { DataLoadersOptions } from "./dataLoaders.ts";
import type { Datasets } from "./datasets.ts";
import { describe } from "./describe.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Transform } from "./transform.ts";
import { TransformContext } from "./transformContext.ts";
import { asTuple, Tuple } from "./tuple.ts";

export interface SummaryOptions {
  /** Samples in the batch that is made. @defaultValue 4 */
  bs?: number;
  /** Also draws the batch. @defaultValue false */
  showBatch?: boolean;
  /** Gets each line. @defaultValue console.log */
  log?: (line: string) => void;
}

/** What the walk needs of a `DataBlock`. */
interface Walked<S> {
  datasets(source: S, options: { verbose: boolean }): Promise<Datasets>;
  loaderOptions(options: DataLoadersOptions): DataLoadersOptions;
}

/** Walks samples of a source through every step of a block. */
export async function summarize<S>(block: Walked<S>, source: S, options: SummaryOptions): Promise<string> {
  checkOptions("summary", options, { bs: true, showBatch: true, log: true });
  const { bs = 4, showBatch = false, log = console.log } = options;
  const lines: string[] = [];
  const say = (line = ""): void => {
    lines.push(line);
    log(line);
  };
  const walk = new Walk(say);

  say("Setting up the type transforms");
  const datasets = await walk.step("the set-up of the type transforms", async () => {
    const made = await block.datasets(source, { verbose: false });
    say(`Found ${made.length} items`);
    say(`${made.nSubsets} datasets of sizes ${made.splits.map(({ length }) => length).join(",")}`);
    for (const list of made.lists) say(`Set up ${list.pipeline}`);
    return made;
  });
  const train = datasets.train;

  say();
  say("Building one sample");
  const elements: unknown[] = [];
  for (const list of train.lists) {
    say(`  ${list.pipeline}`);
    elements.push(
      await walk.through(list.pipeline, train.items[0], walk.context(0, train.items[0]), "    starting from"),
    );
  }
  const sample = new Tuple(elements);
  say(`Final sample: ${describe(sample)}`);

  const { afterItem = [], beforeBatch = [], afterBatch = [], dlType } = block.loaderOptions({});
  const Loader = (dlType ?? DataLoader) as typeof DataLoader;
  const dl = new Loader(train, { bs: Math.min(bs, train.length), afterItem, beforeBatch, afterBatch });
  say();
  say("Setting up the item, before-batch and batch transforms");
  await walk.step("the set-up of the loader's transforms", () => dl.setup());
  for (const stage of ["afterItem", "beforeBatch", "afterBatch"] as const) say(`Set up ${stage}, ${dl[stage]}`);

  say();
  say("Building one batch");
  say("Applying the item transforms to the first sample:");
  const samples = [
    asTuple(await walk.through(dl.afterItem, sample, walk.context(0, train.items[0]), "    starting from")),
  ];
  const count = Math.min(bs, train.length);
  if (count > 1) say(count === 2 ? "Adding the next sample" : `Adding the next ${count - 1} samples`);
  for (let i = 1; i < count; i++) {
    const ctx = walk.context(i, train.items[i]);
    samples.push(asTuple(await walk.step(`sample ${i}`, async () => dl.afterItem.call(await train.get(i, ctx), ctx))));
  }
  const ctx = walk.context(0);
  const ready =
    dl.beforeBatch.length === 0 ? samples : await walk.through(dl.beforeBatch, samples, ctx, "Before the batch:");
  if (dl.beforeBatch.length === 0) say("No before-batch transform to apply");
  say("Collating the items in a batch");
  await walk.step("collating", async () => {
    tf.tidy(() => {
      const batch = new Tuple(
        collate((ready as unknown[]).map(asTuple), { itemName: (i) => `item ${i} (${describe(train.items[i])})` }),
      );
      say(`Batch: ${describe(batch)}`);
      if (dl.afterBatch.length === 0) say("No batch transform to apply");
      let value: unknown = batch;
      for (const tfm of dl.afterBatch.tfms) {
        value = walk.now(tfm, value, ctx);
        say(`  applying ${tfm} gives ${describe(value)}`);
      }
    });
  });
  if (showBatch) await (await drawn(dl)).show();
  return lines.join("\n");
}

function drawn(dl: DataLoader): Promise<Figure> {
  return dl.showBatch();
}

/** Says what each step does, and which one failed. */
class Walk {
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  context(seed: number, item?: unknown): TransformContext {
    return new TransformContext({ splitIdx: 0, seed, item });
  }

  async through(pipeline: Pipeline, start: unknown, ctx: TransformContext, label: string): Promise<unknown> {
    this.#say(`${label} ${describe(start)}`);
    let value = start;
    for (const tfm of pipeline.tfms) {
      value = await this.step(`applying ${tfm}`, () => Promise.resolve(tfm.call(value, ctx)));
      this.#say(`    applying ${tfm} gives ${describe(value)}`);
    }
    return value;
  }

  now(tfm: Transform, value: unknown, ctx: TransformContext): unknown {
    try {
      return tfm.call(value, ctx);
    } catch (error) {
      throw this.#failed(`applying ${tfm}`, error);
    }
  }

  async step<T>(what: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw this.#failed(what, error);
    }
  }

  #failed(what: string, error: unknown): unknown {
    if (!told.has(error as object)) {
      this.#say(`Here ${what} failed.`);
      this.#say(String((error as Error).message ?? error));
      if (typeof error === "object" && error !== null) told.add(error);
    }
    return error;
  }
}

/** Errors that were explained already. */
const told = new WeakSet<object>();
