import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { setSeed } from "../random.ts";
import { synthLearner } from "../testing/index.ts";
import { Callback } from "./callback.ts";
import { CancelTrainError, CancelValidError } from "./events.ts";
import { formatTime } from "./formatTime.ts";
import type { LogRow } from "./logger.ts";
import { ProgressCallback } from "./progress.ts";
import { NotebookView } from "./progressView/notebookView.ts";
import { PlainView } from "./progressView/plainView.ts";
import type { PassPlace } from "./progressView/progressView.ts";
import { Recorder } from "./recorder.ts";

function mae(pred: tf.Tensor, target: tf.Tensor): tf.Tensor {
  return tf.mean(tf.abs(tf.sub(pred, target)));
}

/** A loss that gives the numbers of a list, one per training batch. */
const scripted = (numbers: readonly number[]): (() => tf.Tensor) => {
  let i = 0;
  return (pred?: tf.Tensor): tf.Tensor =>
    tf.add(tf.mul(tf.sum(pred as tf.Tensor), 0), numbers[i++ % numbers.length] as number);
};

describe("Recorder", () => {
  test("smooths and debiases the training loss", async () => {
    const learn = synthLearner({ nTrain: 4, nValid: 1, lossFunc: scripted([4, 3, 2, 1, 0]) });
    await learn.withNoLogging(() => learn.fit(1));
    expect(learn.recorder?.losses).toBeAllclose([4, 3.494949495, 2.986532445, 2.474749536], { rtol: 1e-8, atol: 0 });
    expect(learn.recorder?.last("train_loss")).toBeCloseTo(2.474749536, 8);
    expect(learn.recorder?.last("valid_loss")).toBe(0);
    learn.dispose();
  });

  test("names its columns, and keeps a row per epoch", async () => {
    const rows: LogRow[] = [];
    const learn = synthLearner({ metrics: mae, nTrain: 2, nValid: 1 });
    learn.removeCb(ProgressCallback);
    learn.logger = (row) => void rows.push(row);
    await learn.fit(2);
    expect(learn.recorder?.metricNames).toEqual(["epoch", "train_loss", "valid_loss", "mae", "time"]);
    expect(rows).toHaveLength(2);
    expect(rows[1]?.slice(0, 4)).toEqual([1, ...(learn.recorder?.values[1] ?? [])]);
    expect(rows[1]?.[4]).toMatch(/^\d\d:\d\d$/);
    learn.dispose();
  });

  test("metrics on training batches have columns of their own", async () => {
    const learn = synthLearner({ metrics: mae, nTrain: 2, nValid: 1, defaultCbs: true });
    learn.removeCb(Recorder);
    learn.addCb(new Recorder({ trainMetrics: true }));
    await learn.withNoLogging(() => learn.fit(1));
    expect(learn.recorder?.metricNames).toEqual([
      "epoch",
      "train_loss",
      "train_mae",
      "valid_loss",
      "valid_mae",
      "time",
    ]);
    expect(learn.recorder?.values[0]?.every((v) => typeof v === "number")).toBe(true);
    learn.dispose();
  });

  test("a cancelled half leaves nulls, not fewer columns", async () => {
    const learn = synthLearner({ nTrain: 2, nValid: 1 });
    const stop = new Callback({
      beforeTrain: () => {
        throw new CancelTrainError();
      },
    });
    await learn.withNoLogging(() => learn.fit(1, { cbs: [stop] }));
    expect(learn.recorder?.values[0]?.[0]).toBeNull();
    expect(learn.recorder?.values[0]?.[1]).toBeTypeOf("number");
    learn.dispose();
  });

  test("a half that was cut short in its middle leaves nulls too", async () => {
    const learn = synthLearner({ nTrain: 3, nValid: 2 });
    const stop = new Callback({
      afterBatch: ({ learn: { training, iter } }) => {
        if (iter === 1) throw training ? new CancelTrainError() : new CancelValidError();
      },
    });
    Object.assign(stop, { order: 99 });
    await learn.withNoLogging(() => learn.fit(1, { cbs: [stop] }));
    expect(learn.recorder?.values[0]).toEqual([null, null]);
    expect(learn.recorder?.losses).toHaveLength(2);
    learn.dispose();
  });

  test("draws losses and schedules", async () => {
    setSeed(1);
    const learn = synthLearner({ nTrain: 8 });
    expect(() => learn.recorder?.plotLoss()).toThrow(/0 recorded batches/);
    await learn.withNoLogging(() => learn.fitOneCycle(2));
    expect(await learn.recorder?.plotLoss({ showEpochs: true }).toSvg()).toContain("<svg");
    expect(await learn.recorder?.plotSched().toSvg()).toContain("<svg");
    learn.dispose();
  });

  test("an unknown column is an error that lists the known ones", async () => {
    const learn = synthLearner({ nTrain: 1 });
    await learn.withNoLogging(() => learn.fit(1));
    expect(() => learn.recorder?.last("acuracy")).toThrow(/train_loss, valid_loss/);
    learn.dispose();
  });

  test.each([
    [65, "01:05"],
    [3725, "1:02:05"],
    [0.4, "00:00"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(formatTime(seconds)).toBe(text);
  });
});

describe("progress", () => {
  test("without a terminal: a header and one line per epoch, no escape codes", async () => {
    const lines: string[] = [];
    const learn = synthLearner({ nTrain: 3, nValid: 1 });
    learn.removeCb(ProgressCallback);
    const logger = learn.logger;
    await learn.fit(2, { cbs: [new ProgressCallback(() => new PlainView((l) => void lines.push(l)))] });
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe("epoch       train_loss  valid_loss  time");
    expect(lines[1]).toMatch(/^0 {11}\d+\.\d{6} +\d+\.\d{6} +00:00$/);
    expect(lines.join("")).not.toContain("\u001b");
    expect(learn.logger).toBe(logger);
    learn.dispose();
  });

  test("the bar says epoch, phase and time, and is given back when a fit fails", async () => {
    const places: PassPlace[] = [];
    let ended = 0;
    const view = {
      header() {},
      row() {},
      endPass() {},
      update: (p: PassPlace) => void places.push(p),
      end: () => void ended++,
    };
    const learn = synthLearner({ nTrain: 3, nValid: 1 });
    learn.removeCb(ProgressCallback);
    await learn.fit(1, { cbs: [new ProgressCallback(() => view)] });
    expect(places[0]).toMatchObject({ label: "epoch 1/1 train", done: 1, total: 3 });
    expect(places.at(-1)?.label).toBe("epoch 1/1 valid");
    const boom = new Callback({
      afterBatch: () => {
        throw new Error("boom");
      },
    });
    await learn.fit(1, { cbs: [new ProgressCallback(() => view), boom] }).catch(() => {});
    expect(ended).toBe(2);
    learn.dispose();
  });

  test("in a notebook one piece of HTML is redrawn in place, and escaped", () => {
    const shown: [string, string][] = [];
    const view = new NotebookView((html, id) => void shown.push([html, id]));
    view.header(["epoch", "<b>"]);
    view.update({ label: "epoch 1/1 train", done: 1, total: 4, elapsed: 1, comment: "loss 1" });
    view.row([0, 0.5]);
    view.end();
    expect(new Set(shown.map(([, id]) => id)).size).toBe(1);
    expect(shown[1]?.[0]).toContain('value="1" max="4"');
    expect(shown[0]?.[0]).not.toContain("<b>");
    expect(shown.at(-1)?.[0]).toContain("0.500000");
    expect(shown.at(-1)?.[0]).not.toContain("<progress");
  });
});

test("pictures refuse columns and options that are not there", async () => {
  const learn = synthLearner({ nTrain: 8, nValid: 1 });
  await learn.withNoLogging(() => learn.fitOneCycle(1));
  const recorder = learn.recorder as Recorder;
  expect(() => recorder.plotSched(["lr", "momentum"])).toThrow(/"momentum".*one of lr, mom/);
  expect(() => recorder.plotLoss({ skip: 3 } as object)).toThrow(/did you mean "skipStart"/);
  expect(() => new Recorder({ beta: 1 })).toThrow(/beta 1/);
  learn.dispose();
});
