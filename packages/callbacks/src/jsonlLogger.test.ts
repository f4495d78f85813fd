import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lineLearner } from "../test/smallLearners.ts";
import { JsonlLogger } from "./jsonlLogger.ts";

const read = (path: string) =>
  readFileSync(join(path, "run.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("writes the start, every batch with its loss and rates, every epoch, and the end", async () => {
  const learn = lineLearner({ nTrain: 3 });
  await learn.fitOneCycle(2, { lrMax: 0.1, cbs: [new JsonlLogger()] });
  const lines = read(learn.path);
  expect(lines.map(({ event }) => event)).toEqual([
    "start",
    ...["batch", "batch", "batch", "epoch"],
    ...["batch", "batch", "batch", "epoch"],
    "end",
  ]);
  expect(lines[0]).toMatchObject({ nEpoch: 2, model: "RegModel", parameters: 2 });
  const batches = lines.filter(({ event }) => event === "batch") as { smoothLoss: number; hypers: { lr: number }[] }[];
  expect(batches.map(({ smoothLoss }) => smoothLoss)).toEqual(learn.recorder?.losses);
  expect(batches.map(({ hypers }) => hypers[0]?.lr)).toEqual(learn.recorder?.lrs);
  expect(lines[4]).toEqual({
    event: "epoch",
    epoch: 0,
    train_loss: learn.recorder?.values[0]?.[0],
    valid_loss: learn.recorder?.values[0]?.[1],
  });
  learn.dispose();
});

test("batches can be left out", async () => {
  const learn = lineLearner({ nTrain: 3 });
  await learn.fit(1, { cbs: [new JsonlLogger({ batches: false })] });
  expect(read(learn.path).map(({ event }) => event)).toEqual(["start", "epoch", "end"]);
  learn.dispose();
});
