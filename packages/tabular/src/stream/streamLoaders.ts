import { checkOptions } from "@layerwise/core";
import type { Category } from "@layerwise/data";
import type { TabDataLoader } from "../loaders/tabDataLoader.ts";
import { TabularDataLoaders } from "../loaders/tabularDataLoaders.ts";
import { TabularDataset } from "../loaders/tabularDataset.ts";
import { Table } from "../table/table.ts";
import { TabularTable, type TabularTableOptions } from "../tabularTable.ts";
import type { TableSource } from "./tableSource.ts";
import { TabStreamLoader } from "./tabStreamLoader.ts";

export interface StreamLoadersOptions<Y = unknown> extends Omit<TabularTableOptions<Y>, "splits"> {
  /** Rows that the processors learn from. @defaultValue 100,000 */
  sampleRows?: number;
  /** Rows in a batch. @defaultValue 64 */
  bs?: number;
  /** Rows in a batch of validation. @defaultValue `bs` */
  valBs?: number;
  /** Mixes the rows of each piece in training. @defaultValue true */
  shuffle?: boolean;
  /** @defaultValue "." */
  path?: string;
}

/**
 * Loaders of tables that do not fit into memory: `await sqlSource("SELECT ... FROM 'big/*.parquet'")`. Processors learn
 * from a sample; categories that it lacks are `#na#`.
 */
export async function tabularStreamLoaders<Y = Category>(
  train: TableSource,
  valid: TableSource,
  options: StreamLoadersOptions<Y> = {},
): Promise<TabularDataLoaders<Y>> {
  checkOptions("tabularStreamLoaders", options, [
    ...["procs", "catNames", "contNames", "yNames", "yBlock", "reduceMemory"],
    ...["sampleRows", "bs", "valBs", "shuffle", "path"],
  ]);
  const { sampleRows = 100_000, bs = 64, valBs = bs, shuffle = true, path = ".", ...table } = options;
  const to = new TabularTable<Y>(await sampleOf(train, sampleRows), table);
  const dataset = (splitIdx: number) => new TabularDataset<Y>(to.newEmpty(), { splitIdx });
  const loaders = [
    new TabStreamLoader<Y>(dataset(0), { source: train, bs, shuffle }),
    new TabStreamLoader<Y>(dataset(1), { source: valid, bs: valBs }),
  ];
  return new TabularDataLoaders<Y>(loaders as unknown as TabDataLoader<Y>[], { path });
}

async function sampleOf(source: TableSource, rows: number): Promise<Table> {
  if (source.sample !== undefined) return source.sample(rows);
  const parts: Table[] = [];
  let count = 0;
  for await (const chunk of source.chunks()) {
    parts.push(chunk);
    count += chunk.length;
    if (count >= rows) break;
  }
  return Table.concat(parts).slice(0, rows);
}
