import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setSeed } from "@layerwise/core";
import { Learner, type LearnerOptions } from "@layerwise/core/learner";
import { CrossEntropyLossFlat } from "@layerwise/core/losses";
import { type AnyModule, Flatten, Linear, Sequential } from "@layerwise/core/nn";
import { sgd } from "@layerwise/core/optim";
import { ArrayDataSource, ArrayDataSources, type SynthOptions, synthLearner } from "@layerwise/core/testing";

const root = mkdtempSync(join(tmpdir(), "layerwise-callbacks-"));
process.once("exit", () => rmSync(root, { recursive: true, force: true }));

/** An empty folder that goes when the tests end. */
export function tempFolder(): string {
  return mkdtempSync(join(root, "t-"));
}

type Small = Learner<number[], number[]>;

/** Fits a line, always the same way. */
export function lineLearner(options: SynthOptions & LearnerOptions = {}): Small {
  setSeed(7);
  const learn = synthLearner({ path: tempFolder(), nTrain: 4, bs: 8, ...options });
  learn.logger = () => {};
  learn.createMbar = false;
  return learn;
}

export interface PictureOptions extends LearnerOptions {
  model?: AnyModule;
  size?: number;
  bs?: number;
  /** Training batches. */
  nTrain?: number;
}

/** Sorts tiny pictures into three classes: which third of the picture is bright. */
export function pictureLearner({ model, size = 6, bs = 8, nTrain = 2, ...options }: PictureOptions = {}): Small {
  setSeed(7);
  const rows = (n: number) => {
    const y = Array.from({ length: n }, (_, i) => [i % 3]);
    const x = y.map(([c = 0], i) =>
      Array.from({ length: size * size }, (_, p) => {
        const third = Math.floor((3 * (p % size)) / size);
        return (third === c ? 1 : 0) + 0.3 * Math.sin(12.9 * p + 78.2 * i);
      }),
    );
    return { x, y, xShape: [size, size, 1], classes: true };
  };
  const train = new ArrayDataSource(rows(nTrain * bs), { bs, shuffle: true, dropLast: true });
  const valid = new ArrayDataSource(rows(bs), { bs });
  const net = model ?? new Sequential(new Flatten(), new Linear(size * size, 3));
  const learn = new Learner(new ArrayDataSources(train, valid, tempFolder()), net, {
    lossFunc: new CrossEntropyLossFlat(),
    optFunc: (params, { lr }) => sgd(params, { lr }),
    lr: 0.1,
    ...options,
  });
  learn.logger = () => {};
  learn.createMbar = false;
  return learn;
}

/** Every number of every parameter. */
export function weights(learn: { model: AnyModule }): number[] {
  return learn.model.parameters().flatMap((p) => Array.from(p.value.dataSync()));
}
