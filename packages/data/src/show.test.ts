import { table } from "@layerwise/plot";
import { describe, expect, test } from "vitest";
import { checkLeaks, Jitter } from "../test/passes.ts";
import { Picture } from "../test/pictures.ts";
import { DataLoader } from "./dataLoader.ts";
import { Datasets } from "./datasets.ts";
import { onShowBatch } from "./show.ts";
import { TfmdLists } from "./tfmdLists.ts";
import { type ShowContext, showTitle, TitledStr } from "./titled.ts";
import { Transform } from "./transform.ts";
import { ToTensor } from "./transforms/toTensor.ts";
import { Tuple } from "./tuple.ts";

checkLeaks();

describe("showBatch", () => {
  test("without a row for its classes it is a table", async () => {
    const dl = new DataLoader([Tuple.of([1, 2], 3)], { bs: 1 });
    const figure = await dl.showBatch();
    expect(figure.toText()).toMatch(/input.*target/);
  });

  test("a row for the classes of input and target draws it, the closest first", async () => {
    onShowBatch(Picture, Object, () => table({ columns: ["any"], rows: [] }));
    onShowBatch(Picture, String, (samples, { nInp }) => {
      return table({ columns: ["pixel", "label"], rows: samples.map(({ x, y }) => [x.data[nInp]!, y ?? ""]) });
    });
    const back = new Transform({ dec: () => "three" });
    const lists = [new TfmdLists([Picture.filled(3)], []), new TfmdLists([1], [back])];
    const dl = new DataLoader(new Datasets(lists), { bs: 1, afterItem: [ToTensor] });
    expect((await dl.showBatch()).toText()).toMatch(/pixel.*label[\s\S]*3.*three/);
    const unlabelled = new DataLoader([Picture.filled(3)], { bs: 1, afterItem: [ToTensor] });
    expect((await unlabelled.showBatch()).toText()).toMatch(/any/);
  });

  test("unique shows one item again and again", async () => {
    const dl = new DataLoader([5, 6], { bs: 2, afterItem: [new Jitter()], splitIdx: 0 });
    const text = (await dl.showBatch({ unique: true, maxN: 4 })).toText();
    expect(text.match(/TensorFloat\(5\.\d+\)/g)).toHaveLength(4);
    expect(new Set(text.match(/5\.\d+/g)).size).toBe(4);
  });

  test("columns have the labels of titled values", async () => {
    const back = new Transform({ dec: () => new TitledStr("red", "color") });
    const dl = new DataLoader(new Datasets([new TfmdLists([1], []), new TfmdLists([1], [back])]), { bs: 1 });
    expect((await dl.showBatch()).toText()).toMatch(/input.*color[\s\S]*red/);
  });

  test("values that show themselves do so, in columns of their own", async () => {
    class Box {
      show(ctx?: ShowContext): ShowContext | undefined {
        return showTitle(2, showTitle(1, ctx, { label: "width" }), { label: "height" });
      }
    }
    const dl = new DataLoader(
      new Datasets([new TfmdLists([1], []), new TfmdLists([1], [new Transform({ dec: () => new Box() })])]),
      { bs: 1 },
    );
    expect((await dl.showBatch()).toText()).toMatch(/input.*width.*height[\s\S]*1.*2/);
  });

  test("refuses options that do not exist", async () => {
    const dl = new DataLoader([1], { bs: 1 });
    await expect(dl.showBatch({ max_n: 3 } as object)).rejects.toThrow(/option "max_n".*did you mean "maxN"/);
    using batch = await dl.oneBatch();
    expect(() => dl.showResults(batch, batch.xb[0]!.data, { nrows: 1 } as object)).toThrow(/option "nrows"/);
  });
});
