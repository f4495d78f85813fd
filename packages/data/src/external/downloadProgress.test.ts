import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { downloadProgress, formatBytes, formatSeconds } from "./downloadProgress.ts";

describe("downloadProgress", () => {
  test("writes one line for each tenth where there is no terminal", () => {
    const stream = new PassThrough();
    const progress = downloadProgress(stream);
    progress.start("a.tgz", 1000, 250);
    for (let done = 250; done <= 1000; done += 10) progress.update(done);
    progress.stop();
    const lines = String(stream.read()).trimEnd().split("\n");
    expect(lines[0]).toBe("Downloading a.tgz: 1.00 kB, 250 bytes of it here already");
    expect(lines.slice(1).map((line) => /: (\d+)%/.exec(line)![1])).toEqual([
      "30",
      "40",
      "50",
      "60",
      "70",
      "80",
      "90",
      "100",
    ]);
    expect(lines[1]).toMatch(/300 bytes, \d+ s left$/);
    expect(lines.at(-1)).toBe("a.tgz: 100%, 1.00 kB");
  });

  test("counts bytes where the size is unknown", () => {
    const stream = new PassThrough();
    const progress = downloadProgress(stream);
    progress.start("a.tgz", undefined, 0);
    for (let done = 0; done <= 25e6; done += 1e6) progress.update(done);
    expect(String(stream.read())).toBe("Downloading a.tgz: an unknown size\na.tgz: 10.0 MB\na.tgz: 20.0 MB\n");
  });
});

describe("formats", () => {
  test.each([
    [999, "999 bytes"],
    [342207, "342 kB"],
    [15683414, "15.7 MB"],
    [4579163978, "4.58 GB"],
  ])("%i bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test.each([
    [0.2, "1 s"],
    [65, "1 min 5 s"],
    [7260, "2 h 1 min"],
    [Number.POSITIVE_INFINITY, "unknown time"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});
