import { expect, test } from "vitest";
import { decodeOutcome, encodeOutcome } from "./message.ts";

test("an outcome is found among other lines, the last one if there are several", () => {
  const outcome = { samples: { step: [1, 2] }, versions: { node: "20" }, notes: { accuracy: 0.9 } };
  const printed = ["epoch 0", encodeOutcome({ skipped: "early" }), encodeOutcome(outcome), "bye"].join("\n");
  expect(decodeOutcome(printed)).toEqual(outcome);
});

test("a reason to skip is an outcome too", () => {
  expect(decodeOutcome(encodeOutcome({ skipped: "no torch" }))).toEqual({ skipped: "no torch" });
});

test("a process that reports nothing, or nonsense, is an error", () => {
  expect(() => decodeOutcome("all good\n")).toThrow(/printed no line/);
  expect(() => decodeOutcome('BENCH-RESULT {"samples":null}')).toThrow(/neither/);
});
