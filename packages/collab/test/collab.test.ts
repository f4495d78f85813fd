import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataError, OptionError, Rng, setSeed } from "@layerwise/core";
import { loadLearner } from "@layerwise/core/learner";
import { type TableRow, TabularDataLoaders } from "@layerwise/tabular";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CollabDataLoaders,
  collabLearner,
  EmbeddingDotBias,
  EmbeddingNN,
  embeddingMap,
  nearest,
  rankByBias,
  recommend,
} from "../src/index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-collab-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Two tastes: users below 20 like "war" films, the others "love" films; "gem" is liked by all. */
function ratings(): TableRow[] {
  const random = new Rng(3);
  const films = ["war 1", "war 2", "war 3", "love 1", "love 2", "love 3", "gem"];
  return Array.from({ length: 40 }, (_, user) => user).flatMap((user) =>
    films
      .filter((_, i) => (user * 7 + i * 3) % 5 !== 0)
      .map((film) => {
        const isLiked = film === "gem" || film.startsWith(user < 20 ? "war" : "love");
        return { user: 100 + user, film, stars: (isLiked ? 4.5 : 1.5) + (random.uniform() - 0.5) / 2, when: "2020" };
      }),
  );
}

const loaders = () => CollabDataLoaders.fromDf(ratings(), { seed: 1, bs: 16 });

async function trained() {
  setSeed(1);
  const learn = collabLearner(await loaders(), { nFactors: 8, yRange: [0, 5.5] });
  await learn.withNoLogging(() => learn.fitOneCycle(40, 0.05));
  return learn;
}

describe("CollabDataLoaders", () => {
  test("takes users, items and ratings from the first three columns", async () => {
    const dls = await loaders();
    expect(Object.keys(dls.to.classes)).toEqual(["user", "film"]);
    expect(dls.to.classes.film).toEqual(["#na#", "gem", "love 1", "love 2", "love 3", "war 1", "war 2", "war 3"]);
    using batch = await dls.train.oneBatch();
    expect(batch.xb.map(({ shape }) => shape)).toEqual([[16, 2]]);
    expect(batch.yb.map(({ data }) => [data.shape, data.dtype])).toEqual([[[16, 1], "float32"]]);
    expect(dls.nInp).toBe(1);
  });

  test("takes columns by name, users first whatever their order", async () => {
    const rows = [3, 1, 2, 5].map((score, i) => ({ score, thing: `t${i % 2}`, who: i }));
    const dls = await CollabDataLoaders.fromDf(rows, {
      ...{ userName: "who", itemName: "thing", ratingName: "score", validIdx: [3], bs: 2 },
    });
    expect(dls.to.catNames).toEqual(["who", "thing"]);
    expect(dls.train.dataset.get(0)).toEqual({ who: 0, thing: "t0", score: 3 });
  });

  test("reads a file with whole numbers for ratings", async () => {
    const file = join(folder, "ratings.csv");
    await writeFile(file, "userId,movieId,rating\n196,242,3\n186,302,3\n22,377,1\n196,377,5\n");
    const dls = await CollabDataLoaders.fromCsv(file, { validIdx: [3], bs: 1 });
    expect(dls.to.classes).toEqual({ userId: ["#na#", 22, 186, 196], movieId: ["#na#", 242, 302, 377] });
    expect(dls.path).toBe(folder);
    expect((await dls.showBatch()).toText()).toMatch(/userId.*movieId.*rating/);
  });

  test("ids of text and numbers in one column are texts", async () => {
    const rows = [1, "a", 1, "1"].map((user, i) => ({ user, item: i, stars: 1 }));
    const dls = await CollabDataLoaders.fromDf(rows as TableRow[], { validIdx: [3], bs: 1 });
    expect(dls.to.classes.user).toEqual(["#na#", "1", "a"]);
  });

  test("one user is enough", async () => {
    const rows = Array.from({ length: 8 }, (_, i) => ({ user: "me", item: i, stars: i % 5 }));
    const learn = collabLearner(await CollabDataLoaders.fromDf(rows, { seed: 1, bs: 4 }), { nFactors: 2 });
    await learn.withNoLogging(() => learn.fit(1));
    expect(learn.recorder?.losses).toHaveLength(1);
  });

  test.each([
    ["2 columns", () => CollabDataLoaders.fromDf([{ user: 1, item: 2 }]), DataError],
    ["0 columns", () => CollabDataLoaders.fromDf([]), DataError],
    ['"flm"', () => CollabDataLoaders.fromDf(ratings(), { itemName: "flm" }), DataError],
    ["three different columns", () => CollabDataLoaders.fromDf(ratings(), { itemName: "user" }), OptionError],
    ["without the target", () => CollabDataLoaders.fromDf([{ u: 1, i: 1, r: null }] as TableRow[]), DataError],
    ["good", () => CollabDataLoaders.fromDf([1, 2].map((u) => ({ u, i: 1, r: "good" }))), DataError],
    ["userNme", () => CollabDataLoaders.fromDf(ratings(), { userNme: "user" } as never), OptionError],
  ])("says what is wrong: %s", async (given, make, kind) => {
    await expect(make()).rejects.toThrow(kind);
    await expect(make()).rejects.toThrow(given);
  });
});

describe("collabLearner", () => {
  test("builds the product of vectors, or a perceptron", async () => {
    const dls = await loaders();
    const product = collabLearner(dls);
    expect(product.model).toBeInstanceOf(EmbeddingDotBias);
    expect(product.model.parameters().map(({ shape }) => shape)).toEqual([
      [dls.to.classes.user!.length, 50],
      [8, 50],
      [dls.to.classes.user!.length, 1],
      [8, 1],
    ]);
    const neural = collabLearner(dls, { useNn: true, layers: [10, 5], embSzs: { film: 3 }, yRange: [0, 5.5] });
    expect(neural.model).toBeInstanceOf(EmbeddingNN);
    await neural.withNoLogging(() => neural.fit(1));
    expect(neural.recorder?.losses.at(-1)).toBeLessThan(10);
  });

  test("learns who likes what", async () => {
    const learn = await trained();
    expect(learn.recorder?.last("valid_loss")).toBeLessThan(0.4);
    const [likes, dislikes] = [
      await learn.predict({ user: 101, film: "war 2" }),
      await learn.predict({ user: 130, film: "war 2" }),
    ];
    expect(likes.decoded).toBeGreaterThan(3.5);
    expect(dislikes.decoded).toBeLessThan(2.5);
    expect(likes.input).toEqual({ user: 101, film: "war 2" });
  });

  test("an exported learner predicts, recommends and knows its names", async () => {
    const learn = await trained();
    const file = join(folder, "films.safetensors");
    await learn.export(file);
    const loaded = await loadLearner<TableRow, number>(file);
    const item = { user: 135, film: "love 1" };
    expect((await loaded.predict(item)).decoded).toBe((await learn.predict(item)).decoded);
    expect(loaded.dls).toBeInstanceOf(TabularDataLoaders);
    expect(await nearest(loaded.model as EmbeddingDotBias, "war 1", { n: 2 })).toEqual(
      await nearest(learn.model as EmbeddingDotBias, "war 1", { n: 2 }),
    );
    expect(await recommend(loaded, 135, { n: 7 })).toHaveLength(7);
  });

  test.each([
    ["another kind", () => collabLearner({} as never), OptionError],
    ["layers without `useNn`", async () => collabLearner(await loaders(), { layers: [5] }), OptionError],
    ["nFactors 0", async () => collabLearner(await loaders(), { nFactors: 0 }), OptionError],
    ["yRange [5,1]", async () => collabLearner(await loaders(), { yRange: [5, 1] }), OptionError],
    ["nFactor", async () => collabLearner(await loaders(), { nFactor: 3 } as never), OptionError],
  ])("says what is wrong: %s", async (given, make, kind) => {
    const before = tf.memory().numTensors;
    const error = await Promise.resolve()
      .then(make)
      .then(
        () => undefined,
        (thrown: Error) => thrown,
      );
    expect(error).toBeInstanceOf(kind);
    expect(error?.message).toContain(given);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("what the vectors say", () => {
  test("neighbors, liked by all, a map", async () => {
    const { model } = (await trained()) as unknown as { model: EmbeddingDotBias };
    const before = tf.memory().numTensors;
    const like = await nearest(model, "war 1", { n: 2 });
    expect(like.map(({ name }) => name).sort()).toEqual(["war 2", "war 3"]);
    expect(like[0]!.similarity).toBeGreaterThanOrEqual(like[1]!.similarity);
    expect((await nearest(model, 101, { isItem: false, n: 1 }))[0]!.name).toBeLessThan(120);
    expect((await rankByBias(model, { n: 1 }))[0]!.name).toBe("gem");
    expect(await rankByBias(model, { n: 3, lowest: true })).not.toContainEqual(
      expect.objectContaining({ name: "gem" }),
    );
    const figure = await embeddingMap(model);
    expect(await figure.toSvg()).toContain(">love 3</text>");
    expect(tf.memory().numTensors).toBe(before);
  });

  test("biases and vectors by name", async () => {
    const { model } = (await trained()) as unknown as { model: EmbeddingDotBias };
    const ids = model.classNames().ids(["gem", "war 3"]);
    expect(ids).toEqual([1, 7]);
    expect(model.weight(["gem", "war 3"]).shape).toEqual([2, 8]);
    expect(model.bias(["war 3"])).toBeAllclose([(await model.iBias.weight.value.data())[7]!]);
    expect(() => model.bias(["war 4"])).toThrow('did you mean "war');
    expect(() => new EmbeddingDotBias({ nFactors: 1, nUsers: 1, nItems: 1 }).bias()).toThrow("without classes");
  });
});

describe("recommend", () => {
  test("leaves out what the user has rated, best first", async () => {
    const learn = await trained();
    const rated = ratings()
      .filter(({ user }) => user === 105)
      .map(({ film }) => film);
    const picks = await recommend(learn, 105);
    expect(picks.map(({ item }) => item).sort()).toEqual(
      ["war 1", "war 2", "war 3", "love 1", "love 2", "love 3", "gem"].filter((film) => !rated.includes(film)).sort(),
    );
    const all = await recommend(learn, 105, { n: 3, seen: ["gem"] });
    expect(all.every(({ item }) => String(item).startsWith("war"))).toBe(true);
    expect(all.map(({ rating }) => rating)).toEqual(all.map(({ rating }) => rating).sort((a, b) => b - a));
  });

  test("an unknown user gets what everybody likes", async () => {
    expect((await recommend(await trained(), "somebody", { n: 1 }))[0]!.item).toBe("gem");
  });

  test.each([0, 1.5])("refuses n %d", async (n) => {
    await expect(recommend(await trained(), 105, { n })).rejects.toThrow(`n ${n}`);
  });
});
