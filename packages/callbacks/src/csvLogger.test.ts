import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Callback, CheckpointCallback } from "@layerwise/core/learner";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineLearner, tempFolder } from "../test/smallLearners.ts";
import { CSVLogger } from "./csvLogger.ts";
import { csvCell, parseCsv, readCell } from "./csvText.ts";

describe("csv cells", () => {
  test.each([
    ["=1+1", "'=1+1"],
    ["+x", "'+x"],
    ["-x", "'-x"],
    ["@sum", "'@sum"],
    ['=cmd("a,b")', '"\'=cmd(""a,b"")"'],
    [-0.5, "-0.5"],
    [1e-7, "1e-7"],
    [null, ""],
    ["a,b", '"a,b"'],
    ["00:05", "00:05"],
  ])("%j is written %s", (value, text) => {
    expect(csvCell(value)).toBe(text);
  });

  test("whatever is written is read back", () => {
    const text = fc.string().filter((s) => s !== "" && typeof readCell(s) === "string" && !s.includes("\r"));
    const cell = fc.oneof(text, fc.double({ noDefaultInfinity: true }), fc.integer(), fc.constant(null));
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 1 }), { minLength: 1 }), (rows) => {
        const file = rows.map((row) => `${row.map(csvCell).join(",")}\n`).join("");
        const zero = (row: unknown[]) => row.map((v) => (v === 0 ? 0 : v)); // -0 is written "0"
        expect(parseCsv(file).map((row) => row.map(readCell))).toEqual(rows.map(zero));
      }),
    );
  });

  test("an unfinished last row is left out", () => {
    expect(parseCsv("a,b\n1,2\n3,")).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
  });
});

describe("CSVLogger", () => {
  test("writes a header and a complete row per epoch", async () => {
    const learn = lineLearner({ nTrain: 1 });
    const log = new CSVLogger({ fname: "logs/history.csv" });
    const lines: number[] = [];
    const look = Object.assign(
      new Callback({ afterEpoch: () => void lines.push(readFileSync(log.path, "utf8").split("\n").length - 1) }),
      { order: 61 },
    );
    learn.addCb(log);
    await learn.fit(3, { cbs: [look] });
    expect(lines).toEqual([2, 3, 4]);
    expect(readFileSync(join(learn.path, "logs/history.csv"), "utf8")).toMatch(/^epoch,train_loss,valid_loss,time\n0,/);
    const rows = await log.readLog();
    expect(rows.map((row) => [row.train_loss, row.valid_loss])).toEqual(learn.recorder?.values);
    expect(rows.map(({ epoch, time }) => [epoch, time])).toEqual([0, 1, 2].map((e) => [e, "00:00"]));
    learn.dispose();
  });

  test.each([
    [false, [0]],
    [true, [0, 1, 0]],
  ])("append %s: the file of two fits has epochs %o", async (append, epochs) => {
    const learn = lineLearner({ nTrain: 1 });
    const log = new CSVLogger({ append });
    learn.addCb(log);
    await learn.fit(2);
    await learn.withNoLogging(() => learn.fit(1));
    expect((await log.readLog()).map((row) => row.epoch)).toEqual(epochs);
    await learn.validate();
    await learn.getPreds();
    expect((await log.readLog()).map((row) => row.epoch)).toEqual(epochs);
    learn.dispose();
  });

  test("a resumed fit goes on in the file where the checkpoint was", async () => {
    const path = tempFolder();
    const first = lineLearner({ path, nTrain: 2 });
    const stop = Object.assign(
      new Callback({
        afterEpoch: ({ learn }) => {
          if (learn.epoch === 1) throw new Error("stopped");
        },
      }),
      { order: 100 },
    ); // epoch 1 is logged, but not in the checkpoint
    await expect(first.fit(3, { cbs: [new CSVLogger(), new CheckpointCallback(), stop] })).rejects.toThrow(/stopped/);
    const second = lineLearner({ path, nTrain: 2 });
    const log = new CSVLogger();
    second.addCb(log);
    await second.fit(3, { resume: "checkpoint" });
    const rows = await log.readLog();
    expect(rows.map((row) => row.epoch)).toEqual([0, 1, 2]);
    expect(rows.map((row) => row.valid_loss)).toEqual(second.recorder?.values.map((row) => row[1]));
    for (const learn of [first, second]) learn.dispose();
  });

  test("a log that is not there is an error that says so", async () => {
    const learn = lineLearner();
    const log = new CSVLogger();
    learn.addCb(log);
    await expect(log.readLog()).rejects.toThrow(/no readable file.*history\.csv/s);
    learn.dispose();
  });
});
