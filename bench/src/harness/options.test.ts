import { expect, test } from "vitest";
import { parseOptions, withChanges } from "./options.ts";

test("names, rounds, peers and changes come from the command line", () => {
  const args = ["loader", "--rounds", "5", "--peers", "fastai,tfjs", "--set", "bs=8", "--set", "name=a=b", "--full"];
  expect(parseOptions(args)).toMatchObject({
    names: ["loader"],
    rounds: 5,
    scale: "full",
    peers: ["fastai", "tfjs"],
    set: { bs: "8", name: "a=b" },
  });
  expect(parseOptions(["--peers", "none"]).peers).toEqual([]);
});

test.each([[["--rounds", "0"]], [["--threads", "few"]], [["--quick", "--full"]], [["--set", "bs"]], [["--fast"]]])(
  "%j is an error",
  (args) => {
    expect(() => parseOptions(args)).toThrow();
  },
);

test("a changed parameter keeps its type; an unknown one is an error", () => {
  const params = { bs: 64, path: "here", hidden: [200, 100] };
  expect(withChanges(params, { bs: "8", path: "1", hidden: "[3]" })).toEqual({ bs: 8, path: "1", hidden: [3] });
  expect(() => withChanges(params, { bs: '"8"' })).toThrow(/expected something like 64/);
  expect(() => withChanges(params, { size: "8" })).toThrow(/bs, path, hidden/);
});
