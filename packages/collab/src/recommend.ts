import { OptionError } from "@layerwise/core";
import type { Learner } from "@layerwise/core/learner";
import type { Category } from "@layerwise/data";
import { Column, Table, type TableRow, TabularDataLoaders } from "@layerwise/tabular";
import { ClassNames } from "./classNames.ts";
import { checkCount, topIds } from "./nearest.ts";

export interface RecommendOptions {
  /** How many. @defaultValue 10 */
  n?: number;
  /**
   * Items to leave out.
   * @defaultValue those that the user has rated in the learner's data; none for a learner that was loaded from a file,
   * which holds no data
   */
  seen?: readonly Category[];
}

/** An item that a user might like. */
export interface Recommendation {
  item: Category;
  /** The rating that the model predicts. */
  rating: number;
}

/**
 * The items that the model thinks a user will rate highest, the best first. A user that training did not meet gets what
 * is liked whatever one's taste: `#na#` stands for all of them.
 */
export async function recommend(
  learn: Learner<TableRow, number>,
  user: Category,
  { n = 10, seen }: RecommendOptions = {},
): Promise<Recommendation[]> {
  checkCount("recommend", n);
  const { dls } = learn;
  if (!(dls instanceof TabularDataLoaders) || dls.to.catNames.length !== 2) {
    throw new OptionError("recommend", { given: "a learner of another kind", expected: "one of `collabLearner`" });
  }
  const [userName, itemName] = dls.to.catNames as [string, string];
  const { [userName]: users = [], [itemName]: items = [] } = dls.to.classes;
  const names = new ClassNames("item", items);
  const out = new Set([0, ...(seen ? seen.filter((item) => names.has(item)).map((item) => names.id(item)) : [])]);
  if (seen === undefined) {
    const id = users.findIndex((known) => String(known) === String(user));
    for (const loader of [dls.train, dls.valid])
      if (id > 0) addSeen(out, loader.dataset.to.table, [userName, itemName], id);
  }
  const candidates = items.map((_, id) => id).filter((id) => !out.has(id));
  if (candidates.length === 0) return [];
  const rows = Table.fromColumns({
    [userName]: Column.from(candidates.map(() => user)),
    [itemName]: Column.from(candidates.map((id) => items[id]!)),
  });
  const { preds } = await learn.getPreds({ dl: dls.testDl(rows, { bs: 1024 }) });
  const ratings = preds.toArray();
  return topIds(ratings, n, () => true).map((place) => ({ item: items[candidates[place]!]!, rating: ratings[place]! }));
}

/** Adds the items that a user rated in these rows, by number. */
function addSeen(out: Set<number>, table: Table, [userName, itemName]: [string, string], user: number): void {
  const [users, items] = [table.column(userName).values, table.column(itemName).values];
  for (let row = 0; row < table.length; row++) if (users[row] === user) out.add(items[row]!);
}
