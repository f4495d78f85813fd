import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { barChart, type Figure, panels } from "@layerwise/plot";
import {
  accuracy,
  Categorify,
  ClassificationInterpretation,
  categoryBlock,
  FillMissing,
  loadLearner,
  Normalize,
  partialDependence,
  permutationImportance,
  RandomForest,
  setSeed,
  type TableRow,
  TabularDataLoaders,
  TabularTable,
  tabularLearner,
  treeData,
} from "@layerwise/tabular/all";
import { surveys } from "./surveys.ts";

export interface StudyOptions {
  data: keyof typeof surveys;
  epochs: number;
  bs: number;
  /** Folder for pictures and the exported model. */
  report: string;
}

/** What came out. */
export interface StudyResult {
  accuracy: number;
  forestAccuracy: number;
  important: string;
}

/** Trains a network on a survey, looks into it, and compares it with a forest on the same table. */
export async function study({ data, epochs, bs, report }: StudyOptions): Promise<StudyResult> {
  setSeed(42);
  await mkdir(report, { recursive: true });
  const save = (name: string, figure: Figure) => figure.save(join(report, `${name}.png`));

  const { table, ...columns } = await surveys[data]();
  const dls = await TabularDataLoaders.fromDf(table, {
    ...columns,
    yBlock: categoryBlock(),
    procs: [Categorify, FillMissing, Normalize],
    seed: 42,
    bs,
  });
  await save("rows", await dls.showBatch({ maxN: 6 }));

  const learn = tabularLearner(dls, { metrics: accuracy });
  await learn.fitOneCycle(epochs, data === "wages" ? 1e-2 : 1e-3);
  await save("loss", learn.recorder!.plotLoss());
  const results = await learn.showResults({ maxN: 6 });
  await save("results", results);
  const interp = await ClassificationInterpretation.fromLearner(learn);
  await save("confusion", interp.plotConfusionMatrix());

  const importance = await permutationImportance(learn, { seed: 1, repeats: 5, metric: 1 });
  const needed = chart("Accuracy lost by shuffling a column", importance);
  await save("importance", needed);
  const { figure: dependence } = await partialDependence(learn, columns.contNames[0]!);
  await save("dependence", dependence);
  await save("overview", panels([results, panels([needed, dependence])], { cols: 1 }));

  // a forest takes the same columns as numbers, and needs no normalization
  const splits = [dls.train, dls.valid].map(({ dataset }) => Array.from(dataset.to.index));
  const to = new TabularTable(table, { ...columns, yBlock: categoryBlock(), procs: [Categorify, FillMissing], splits });
  const forest = RandomForest.fit(treeData(to.train), { seed: 42, maxSamples: 5000 });
  const valid = treeData(to.valid);
  const right = forest.predict(valid).filter((p, i) => (p > 0.5 ? 1 : 0) === valid.targets[i]).length;
  const shares = Object.entries(forest.featureImportance()).map(([column, share]) => ({ column, importance: share }));
  await save("forest", chart("What the forest's splits go by", shares.slice(0, 10)));

  const file = await learn.export(join(report, "salary.safetensors"));
  const again = await loadLearner<TableRow, string>(file);
  const { salary: _, ...person } = table.row(0);
  const { decoded, probs } = await again.predict(person);
  console.log(`\n${JSON.stringify(person)}\nis predicted to earn: ${decoded} (${Math.max(...probs).toFixed(2)})`);
  console.log(`forest: out-of-bag error ${forest.oobRmse().toFixed(3)}, R² ${forest.oobScore().toFixed(3)}`);
  const forestAccuracy = right / valid.targets.length;
  return { accuracy: learn.recorder!.last("accuracy")!, forestAccuracy, important: importance[0]!.column };
}

function chart(title: string, found: readonly { column: string; importance: number }[]): Figure {
  const [labels, values] = [found.map(({ column }) => column), found.map(({ importance }) => importance)];
  return barChart({ labels, values, horizontal: true, title });
}
