import { setSeed } from "@layerwise/core";
import { CrossEntropyLossFlat } from "@layerwise/core/losses";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import {
  addDatepart,
  addElapsedTimes,
  Categorify,
  Column,
  contCatSplit,
  dfShrinkDtypes,
  embSzRule,
  FillMissing,
  type FillStrategy,
  getEmbSz,
  Normalize,
  Table,
  TabularModel,
  type TabularModelOptions,
  TabularTable,
  type Value,
} from "../src/index.ts";
import golden from "./golden/tabular.json" with { type: "json" };

type Columns = Record<string, (Value | number)[]>;

function expectColumns(table: Table, expected: Columns, tolerance = { rtol: 1e-6, atol: 1e-6 }): void {
  for (const [name, values] of Object.entries(expected)) {
    const ours = table.column(name);
    if (!values.some((value) => typeof value === "number")) expect(ours.toArray(), name).toEqual(values);
    else {
      const numbers = Array.from(ours.toNumbers(), Number);
      expect(numbers, name).toBeAllclose(
        values.map((value) => (value === null ? Number.NaN : Number(value))),
        tolerance,
      );
    }
  }
}

test.each(golden.embSzRule)("%i categories get vectors of %i", (n, size) => {
  expect(embSzRule(n!)).toBe(size);
});

describe("addDatepart", () => {
  const { dates, columns } = golden.dateparts;
  const frame = { saledate: dates as (string | null)[] };

  test("gives fastai's columns, in its order", () => {
    const parts = addDatepart(frame, "saledate", { time: true });
    expect(parts.names).toEqual(Object.keys(columns));
    expectColumns(parts, columns as unknown as Columns);
  });

  test("keeps the dates, and names the parts, as asked", () => {
    const parts = addDatepart(frame, "saledate", { drop: false, prefix: "d_" });
    expect(parts.names.slice(0, 3)).toEqual(["saledate", "d_Year", "d_Month"]);
    expect(parts.has("d_Hour")).toBe(false);
    expect(parts.row(0).saledate).toEqual(new Date("2019-12-04"));
  });
});

test.each(golden.elapsed)("addElapsedTimes of $fields gives fastai's numbers", ({ columns, fields, result }) => {
  const table = addElapsedTimes(columns as unknown as Record<string, Value[]>, fields, "date", "base");
  expect(table.names.filter((name) => name !== "date")).toEqual(Object.keys(result));
  for (const name of Object.keys(result).filter((n) => !(n in columns))) {
    expect(Array.from(table.column(name).values), name).toEqual((result as unknown as Columns)[name]);
  }
});

describe("contCatSplit", () => {
  const { columns, cases } = golden.contCatSplit;
  const table = Table.fromColumns({
    ...(columns as unknown as Record<string, Value[]>),
    cont1: new Column("float", Float64Array.from(columns.cont1)),
    f16: new Column("float", Float32Array.from(columns.f16)),
  });

  test.each(cases)("with maxCard $maxCard, depVar $depVar", ({ maxCard, depVar, cont, cat }) => {
    expect(contCatSplit(table, { maxCard, ...(depVar && { depVar }) })).toEqual([cont, cat]);
  });
});

test("dfShrinkDtypes finds the smallest types", () => {
  const table = Table.fromColumns({
    i: [-100, 0, 100],
    f: new Column("float", Float64Array.of(-100, 0, 100)),
    e: [true, false, true],
    date: [new Date("2019-12-04"), new Date("2019-11-29"), new Date("2019-11-15")],
    o: ["a", "b", "a"],
    u: [0, 10, 254],
    w: [0, 10, 70_000],
    x: [0, 10, 2 ** 40],
  });
  // what pandas would store in 64 bits stays in the numbers of JavaScript
  const known = ({ x: _, ...rest }: Record<string, string>) => rest;
  expect(dfShrinkDtypes(table)).toEqual(without32(known(golden.shrink.plain as never)));
  expect(dfShrinkDtypes(table, { int2uint: true })).toEqual(without32(known(golden.shrink.uint as never)));
  expect(dfShrinkDtypes(table, { skip: ["i"], obj2cat: false })).toEqual(without32(known(golden.shrink.kept as never)));
});

/** Whole numbers of 32 bits are what a table starts from. */
function without32(changes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(changes).filter(([, storage]) => storage !== "int32"));
}

describe("processors", () => {
  const { raw, train, valid, cases } = golden.procs;

  test.each(cases)("fill by $strategy, addCol $addCol: fastai's table", (expected) => {
    const fill = new FillMissing({
      fillStrategy: expected.strategy as FillStrategy,
      addCol: expected.addCol,
      fillVals: { age: 33, weight: 60.5 },
    });
    const normalize = new Normalize();
    const to = new TabularTable(raw as unknown as Record<string, Value[]>, {
      procs: [normalize, Categorify, fill],
      catNames: ["work", "rooms", "urban"],
      contNames: ["age", "weight", "visits"],
      yNames: "salary",
      splits: [train, valid],
    });
    expect(to.xs.names).toEqual(expected.names);
    expectColumns(to.allCols, expected.columns as unknown as Columns, { rtol: 1e-5, atol: 2e-6 });
    expect(to.classes).toEqual(expected.classes);
    expect([...fill.naDict.keys()]).toEqual(Object.keys(expected.naDict));
    expect([...fill.naDict.values()]).toBeAllclose(Object.values(expected.naDict), { rtol: 1e-6 });
    for (const [name, { mean, std }] of normalize.stats) {
      expect([mean, std]).toBeAllclose([at(expected.means, name), at(expected.stds, name)], { rtol: 1e-6 });
    }
    expect(to.vocab).toEqual(expected.vocab);
    expect(getEmbSz(to)).toEqual(expected.embSz);
    expectColumns(to.decode(), expected.decoded as unknown as Columns, { rtol: 1e-5, atol: 1e-4 });
  });
});

function at(numbers: object, name: string): number {
  return (numbers as Record<string, number>)[name]!;
}

interface TorchState {
  [name: string]: { shape: number[]; values: number[] };
}

describe("TabularModel", () => {
  const optionsOf = (config: Record<string, unknown>): TabularModelOptions =>
    Object.fromEntries(
      Object.entries(config).map(([name, value]) => [name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()), value]),
    );

  const load = (model: TabularModel, state: TorchState): void => {
    const entries = Object.entries(state).map(
      ([name, { shape, values }]) =>
        [name, { shape, dtype: "float32" as const, values: Float32Array.from(values) }] as const,
    );
    model.loadStateDict(new Map(entries), { layout: "torch" });
  };

  test.each(golden.models)("with $config: PyTorch's outputs, loss, gradients and statistics", async (golden) => {
    const options = optionsOf(golden.config);
    const model = new TabularModel(
      [
        [5, 4],
        [3, 3],
      ],
      3,
      2,
      [8, 6],
      options,
    ); // prettier-ignore
    load(model, golden.state as unknown as TorchState);
    const [cats, conts] = [tf.tensor2d(golden.cats, [7, 2], "int32"), tf.tensor2d(golden.conts)];
    expect(model.evaluating(() => model.call(cats, conts))).toBeAllclose(golden.eval, { rtol: 1e-4, atol: 1e-5 });
    const lossFunc = new CrossEntropyLossFlat();
    model.train();
    const before = tf.memory().numTensors;
    const y = tf.tensor1d(golden.y, "int32");
    const { value, grads } = tf.variableGrads(() => lossFunc.call(model.call(cats, conts), y) as tf.Scalar);
    expect(value).toBeAllclose([golden.loss], { rtol: 1e-4 });
    const weights = new Map(model.namedParameters());
    for (const [name, expected] of Object.entries(golden.grads as unknown as Record<string, number[]>)) {
      const parameter = weights.get(name)!;
      const grad = grads[parameter.value.name]!;
      const torch = parameter.layout === "linear" ? tf.transpose(grad) : grad;
      expect(torch, name).toBeAllclose(expected, { rtol: 1e-3, atol: 2e-5 });
    }
    const after = await model.stateDict({ layout: "torch" });
    for (const [name, expected] of Object.entries(golden.after as unknown as Record<string, number[]>)) {
      expect(after.get(name)!.values, name).toBeAllclose(expected, { rtol: 1e-4, atol: 1e-5 });
    }
    tf.dispose([value, ...Object.values(grads), y]);
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(8); // transposed copies of this test
    model.dispose();
  });

  test("starts from fastai's weights for the same seed", async () => {
    setSeed(42);
    const state = await new TabularModel(
      [
        [5, 4],
        [3, 3],
      ],
      3,
      2,
      [8, 6],
    ).stateDict({ layout: "torch" }); // prettier-ignore
    for (const [name, { values }] of Object.entries(golden.fresh as unknown as TorchState)) {
      expect(state.get(name)!.values, name).toBeAllclose(values, { rtol: 1e-5, atol: 1e-7 });
    }
  });
});
