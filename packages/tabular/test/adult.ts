import { Rng } from "@layerwise/core";
import { Table, type TableRow } from "../src/index.ts";

const WORK = ["Private", "Self-emp", "State-gov", "Federal-gov"] as const;
const SCHOOL = ["HS-grad", "Bachelors", "Masters", "Doctorate", "11th"] as const;

/** Rows like those of a census; the salary follows from schooling and age, with some noise. Every 17th age is missing. */
export function census(rows = 300, seed = 1): Table {
  const random = new Rng(seed);
  const made: TableRow[] = Array.from({ length: rows }, (_, i) => {
    const school = random.integer(0, SCHOOL.length);
    const age = random.integer(18, 80);
    const score = [1, 3, 4, 5, 0][school]! + (age > 35 ? 2 : 0) + random.normal() * 0.3;
    return {
      age: i % 17 === 5 ? null : age,
      workclass: i % 23 === 7 ? null : WORK[random.integer(0, WORK.length)]!,
      education: SCHOOL[school]!,
      hours: random.integer(10, 60),
      weight: Math.round(random.normal(70, 10) * 10) / 10,
      salary: score > 3.5 ? ">=50k" : "<50k",
      income: Math.round(score * 10_000) / 1000,
    };
  });
  return Table.fromRows(made);
}

export const names = { catNames: ["workclass", "education"], contNames: ["age", "hours", "weight"] };
