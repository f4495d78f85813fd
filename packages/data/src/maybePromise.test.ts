import { describe, expect, test } from "vitest";
import { andThen, mapAll } from "./maybePromise.ts";

describe("mapAll", () => {
  test("answers at once, or with one promise", async () => {
    expect(mapAll([1, 2], (x) => x + 1)).toEqual([2, 3]);
    expect(await mapAll([1, 2], async (x) => x + 1)).toEqual([2, 3]);
  });

  test("a throw leaves no rejection of another value unhandled", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", note);
    const run = () =>
      mapAll([0, 1], (i) => {
        if (i === 0) return Promise.reject(new Error("file"));
        throw new Error("label");
      });
    expect(run).toThrow("label");
    await new Promise((done) => setTimeout(done, 5));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });
});

test("andThen waits only for a promise", async () => {
  expect(andThen(1, (x) => x + 1)).toBe(2);
  expect(await andThen(Promise.resolve(1), (x) => x + 1)).toBe(2);
});
