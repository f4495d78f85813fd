import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { lineLearner, tempFolder, weights } from "../../test/smallLearners.ts";
import { fileVersionEvent, histogramValue, imageValue, scalarValue, summaryEvent } from "./summary.ts";
import { TensorBoardCallback } from "./tensorBoardCallback.ts";
import { maskedCrc, tfRecord } from "./tfRecord.ts";

const golden = JSON.parse(readFileSync(new URL("../../test/golden/tensorBoard.json", import.meta.url), "utf8"));
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");

describe("records are byte for byte those of TensorBoard's own library", () => {
  test.each<{ bytes: string; masked: number }>(golden.crc)("checksum of $bytes", ({ bytes: data, masked }) => {
    expect(maskedCrc(bytes(data))).toBe(masked);
  });

  test.each<[string, () => Uint8Array]>([
    ["version", () => fileVersionEvent(1700000000.25)],
    ["scalars", () => summaryEvent(300, [scalarValue("train_loss", 0.625), scalarValue("lr_0", 1e-3)], 1700000001.5)],
    ["image", () => summaryEvent(70000, [imageValue("Sample results", bytes(golden.png))], 1700000002)],
    ["histogram", () => summaryEvent(2, [histogramValue("head.weight", golden.values, 4)], 1700000003)],
  ])("%s", (name, event) => {
    expect(hex(tfRecord(event()))).toBe(golden.records[name]);
  });
});

describe("a histogram", () => {
  const numbers = (value: Uint8Array): number[] => {
    const data = Buffer.from(value);
    return Array.from({ length: 30 }, (_, i) => data.readDoubleLE(data.length - 8 * (30 - i)));
  };

  test.each([
    ["of one number", [2, 2, 2], 3],
    ["with NaN and infinities", [Number.NaN, Number.POSITIVE_INFINITY, 1, 2], 2],
  ])("%s counts the finite ones", (_, values, n) => {
    expect(numbers(histogramValue("x", values)).reduce((a, b) => a + b, 0)).toBe(n);
  });

  test("of nothing has no bins", () => {
    expect(histogramValue("x", []).length).toBeLessThan(70);
  });
});

test("a picture that is no PNG is refused", () => {
  expect(() => imageValue("x", new Uint8Array(30))).toThrow(/no PNG/);
});

/** Events of a file; checks every checksum on the way. */
function eventsIn(path: string): Buffer[] {
  const file = readFileSync(path);
  const events: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(file.readUInt32LE(at + 8)).toBe(maskedCrc(file.subarray(at, at + 8)));
    expect(file.readUInt32LE(at + 12 + length)).toBe(maskedCrc(data));
    events.push(data);
    at += 16 + length;
  }
  return events;
}

describe("TensorBoardCallback", () => {
  test("writes curves of every batch, columns, weights and results of every epoch", async () => {
    const learn = lineLearner();
    const board = new TensorBoardCallback({ logDir: "board", logWeights: true });
    await learn.fit(1);
    const before = tf.memory().numTensors;
    await learn.fit(2, { cbs: [board] });
    expect(tf.memory().numTensors).toBe(before);
    expect(board.path).toContain(join(learn.path, "board", "events.out.tfevents."));
    const events = eventsIn(board.path as string);
    const count = (name: string) => {
      const field = Buffer.from([0x0a, name.length, ...Buffer.from(name)]); // field 1, text
      return events.filter((event) => event.includes(field)).length;
    };
    expect([count("train_loss"), count("lr_0"), count("mom_0")]).toEqual([8, 8, 8]);
    expect([count("valid_loss"), count("a"), count("b"), count("Sample results")]).toEqual([2, 2, 2, 2]);
    expect([count("epoch"), count("time")]).toEqual([0, 0]);
    learn.dispose();
  });

  test("does not change what is trained, nor take part in validation", async () => {
    const plain = lineLearner();
    await plain.fit(2);
    const learn = lineLearner();
    const board = new TensorBoardCallback();
    learn.addCb(board);
    await learn.fit(2);
    const { path } = board;
    await learn.validate();
    await learn.lrFind({ numIt: 20 });
    expect(board.path).toBe(path);
    expect(weights(learn)).toEqual(weights(plain));
    expect(learn.recorder?.values).toEqual(plain.recorder?.values);
    plain.dispose();
    learn.dispose();
  });

  test("says which file it could not write", async () => {
    const path = tempFolder();
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "runs"), "a file where a folder should be");
    const learn = lineLearner({ path });
    await expect(learn.fit(1, { cbs: [new TensorBoardCallback()] })).rejects.toThrow(
      /runs.*(no folder|EEXIST|ENOTDIR)/s,
    );
    learn.dispose();
  });
});
