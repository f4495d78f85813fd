import { describe, expect, test } from "vitest";
import type { Machine } from "./machine.ts";
import { type Round, summarize } from "./result.ts";
import { formatNumber, formatTable } from "./table.ts";

const machine: Machine = { cpu: "test", cores: 2, memoryGb: 8, platform: "linux-x64", load: 0 };
const benchmark = {
  name: "step",
  unit: "ms",
  better: "less",
  peers: { pytorch: "step.py", tfjs: "step.mjs" },
} as const;
const measured = (samples: Record<string, number[]>, version = "1") => ({ samples, versions: { it: version } });
const rounds: Round[] = [
  { ours: measured({ step: [1, 2, 9] }), pytorch: measured({ step: [4] }), tfjs: { skipped: "not installed" } },
  { ours: measured({ step: [4] }), pytorch: measured({ step: [2] }) },
];

describe("summarize", () => {
  const [result, ...more] = summarize(benchmark, { params: { bs: 64 }, threads: 2 }, machine, rounds);

  test("takes the median of each round, and its spread over the rounds", () => {
    expect(more).toEqual([]);
    expect(result).toMatchObject({
      name: "step",
      unit: "ms",
      machine,
      versions: { ours: { it: "1" }, pytorch: { it: "1" } },
      ours: { median: 3, min: 2, max: 4 },
      peers: { pytorch: { median: 3, min: 2, max: 4 } },
      ratio: { pytorch: { median: 1.25, min: 0.5, max: 2 } },
      rounds: { ours: [2, 4], pytorch: [4, 2], tfjs: [null, null] },
    });
  });

  test("says why a peer is not there, and gives it no numbers", () => {
    expect(result?.skipped).toEqual({ tfjs: "not installed" });
    expect(Object.keys(result?.peers ?? {})).toEqual(["pytorch"]);
  });

  test("survives being written and read", () => {
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  test("makes one result of each case; a side may lack one", () => {
    const two = [{ ours: measured({ small: [1], large: [10] }), pytorch: measured({ large: [30] }) }];
    const results = summarize(benchmark, { params: {}, threads: 2 }, machine, two);
    expect(results.map(({ name, ratio }) => [name, ratio.pytorch?.median])).toEqual([
      ["step/small", undefined],
      ["step/large", 3],
    ]);
  });

  test("becomes a table of a line per peer", () => {
    const [head, line, ...rest] = formatTable(summarize(benchmark, { params: {}, threads: 2 }, machine, rounds)).split(
      "\n",
    );
    expect(head).toMatch(/benchmark +unit +ours/);
    expect(line).toMatch(/^step +ms +3\.00 \(2\.00 … 4\.00\) +pytorch +3\.00 .* 1\.25x \(0\.500 … 2\.00\)$/);
    expect(rest).toEqual([]);
  });
});

test.each([
  [0, "0"],
  [0.01234, "0.0123"],
  [1.5, "1.50"],
  [12345.6, "12346"],
])("formatNumber(%d) is %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});
