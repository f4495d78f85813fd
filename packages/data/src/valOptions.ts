import { checkOptions } from "@layerwise/core";
import type { DataLoaderOptions } from "./loaderOptions.ts";

type LoaderOption = Exclude<keyof DataLoaderOptions, "order" | "splitIdx">;

/** Options of the loaders after the first: `valBs`, `valShuffle`, `valDropLast`, … take the place of those for all. */
export type ValOptions = {
  [K in LoaderOption as `val${Capitalize<K>}`]?: DataLoaderOptions[K] | undefined;
};

/** Takes options apart: those of the loaders after the first, without `val`, and all others. */
export function splitValOptions<O extends ValOptions>(
  options: O,
  known: readonly string[],
): { val: Partial<DataLoaderOptions>; rest: Omit<O, keyof ValOptions> } {
  const entries = Object.entries(options);
  const isVal = ([name]: [string, unknown]) => /^val[A-Z]/.test(name) && !known.includes(name);
  const val = Object.fromEntries(entries.filter(isVal));
  checkOptions("DataLoaders", val, valOptionNames(known));
  const plain = Object.entries(val).map(([name, value]) => [`${name[3]!.toLowerCase()}${name.slice(4)}`, value]);
  return {
    val: Object.fromEntries(plain.filter(([, value]) => value !== undefined)),
    rest: Object.fromEntries(entries.filter((entry) => !isVal(entry))) as Omit<O, keyof ValOptions>,
  };
}

/** Names of the options for validation of loaders that take `known` ones. */
export function valOptionNames(known: readonly string[]): string[] {
  return known
    .filter((name) => name !== "order" && name !== "splitIdx")
    .map((name) => `val${name[0]!.toUpperCase()}${name.slice(1)}`);
}
