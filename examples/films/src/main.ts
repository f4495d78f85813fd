import { resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  type Category,
  CollabDataLoaders,
  collabLearner,
  type EmbeddingDotBias,
  embeddingMap,
  loadLearner,
  nearest,
  rankByBias,
  readTable,
  recommend,
  ShortEpochCallback,
  setSeed,
  type TableRow,
} from "@layerwise/collab/all";
import { fetchRatings } from "./fetchRatings.ts";

const { values: args } = parseArgs({
  options: {
    /** Ratings of your own: a CSV file with the columns userId, movieId and rating. */
    ratings: { type: "string" },
    /** A CSV file with the columns movieId and title, as MovieLens has. */
    titles: { type: "string" },
    epochs: { type: "string", default: "5" },
    /** The part of an epoch to train on, to see quickly that everything works. */
    part: { type: "string", default: "1" },
    user: { type: "string", default: "15" },
    out: { type: "string", default: "films-report" },
  },
});
setSeed(42);
const file = args.ratings ?? (await fetchRatings(resolve(new URL("..", import.meta.url).pathname, ".cache")));
const titles = args.titles === undefined ? [] : (await readTable(args.titles)).rows();
const names = new Map(titles.map((row) => [String(row.movieId), String(row.title)]));
const nameOf = (film: Category) => names.get(String(film)) ?? `film ${film}`;

const dls = await CollabDataLoaders.fromCsv(file, { seed: 42, path: args.out });
console.log((await dls.showBatch({ maxN: 5 })).toText());
const learn = collabLearner(dls, { nFactors: 50, yRange: [0, 5.5] });
const part = Number(args.part);
const cbs = part < 1 ? [new ShortEpochCallback({ pct: part, shortValid: false })] : [];
await learn.fitOneCycle(Number(args.epochs), 5e-3, { wd: 0.1, cbs });

const model = learn.model as EmbeddingDotBias;
const liked = await rankByBias(model, { n: 5 });
console.log(`Liked whatever one's taste: ${liked.map(({ name }) => nameOf(name)).join(", ")}`);
const like = await nearest(model, liked[0]!.name, { n: 3 });
console.log(`Like ${nameOf(liked[0]!.name)}: ${like.map(({ name }) => nameOf(name)).join(", ")}`);
console.log(`For user ${args.user}:`);
for (const { item, rating } of await recommend(learn, args.user, { n: 5 })) {
  console.log(`  ${nameOf(item)}: ${rating.toFixed(2)}`);
}

const films = mostRated(40);
const map = await embeddingMap(model, { names: films, labels: films.map(nameOf) });
await map.save(`${args.out}/map.svg`);
await learn.export("films.safetensors");
const loaded = await loadLearner<TableRow, number>(`${args.out}/films.safetensors`);
const { decoded } = await loaded.predict({ userId: args.user, movieId: films[0]! });
console.log(`The exported model expects user ${args.user} to rate ${nameOf(films[0]!)} with ${decoded.toFixed(2)}`);
console.log(`map of films: ${args.out}/map.svg`);
console.log(`valid loss: ${learn.recorder!.last("valid_loss")!.toFixed(4)}`);

/** The films that most people have rated: their vectors have learned most. */
function mostRated(n: number): Category[] {
  const [, itemName] = dls.to.catNames as [string, string];
  const counts = new Map<number, number>();
  for (const id of dls.to.table.column(itemName).values) counts.set(id, (counts.get(id) ?? 0) + 1);
  const top = [...counts].sort((a, b) => b[1] - a[1]).slice(0, n);
  return top.map(([id]) => dls.to.classes[itemName]![id]!);
}
