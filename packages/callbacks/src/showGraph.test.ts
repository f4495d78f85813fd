import { existsSync, readFileSync } from "node:fs";
import { setNotebookDisplay } from "@layerwise/core/learner";
import type { Figure, LineChartOptions } from "@layerwise/plot";
import { afterEach, expect, test, vi } from "vitest";
import { lineLearner } from "../test/smallLearners.ts";
import { ShowGraphCallback } from "./showGraph.ts";

afterEach(() => {
  setNotebookDisplay(null);
  vi.restoreAllMocks();
});

test("draws both losses over the whole fit into a file, and says once where it is", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const learn = lineLearner({ nTrain: 4, cbs: [new ShowGraphCallback({ file: "graph.svg" })] });
  await learn.fit(3);
  const graph = learn.findCb(ShowGraphCallback)!;
  expect(readFileSync(graph.path, "utf8")).toContain("<svg");
  expect(log).toHaveBeenCalledExactlyOnceWith(`The graph of the losses is in ${graph.path}`);
  const { series, xDomain, yDomain } = (graph.figure as Figure).data as LineChartOptions;
  expect(series.map(({ name, y }) => [name, y.length])).toEqual([
    ["train", 12],
    ["valid", 3],
  ]);
  expect(series[1]?.x).toEqual([4, 8, 12]);
  expect(xDomain).toEqual([0, 12]);
  expect(yDomain?.[1]).toBe(Math.max(...series.flatMap(({ y }) => [...y])));
  learn.dispose();
});

test("in a notebook it is redrawn in place, and no file is written", async () => {
  const shown: string[] = [];
  setNotebookDisplay((html, id) => shown.push(`${id} ${html.includes("<svg")}`));
  const learn = lineLearner({ nTrain: 1 });
  learn.createMbar = false;
  const graph = new ShowGraphCallback();
  learn.addCb(graph);
  await learn.fit(2);
  expect(shown).toHaveLength(2);
  expect(new Set(shown).size).toBe(1);
  expect(shown[0]).toMatch(/^layerwise-graph-\d+ true$/);
  expect(existsSync(graph.path)).toBe(false);
  learn.dispose();
});

test("stays out of lrFind, validate and getPreds", async () => {
  const learn = lineLearner({ cbs: [new ShowGraphCallback()] });
  await learn.validate();
  await learn.getPreds();
  await learn.lrFind({ numIt: 20 });
  const graph = learn.findCb(ShowGraphCallback)!;
  expect(graph.figure).toBeNull();
  expect(existsSync(graph.path)).toBe(false);
  learn.dispose();
});
