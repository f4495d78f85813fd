import { OptionError, StateError } from "@layerwise/core";
import type { Learner } from "@layerwise/core/learner";
import type { Category } from "@layerwise/data";
import { TabularDataLoaders } from "../loaders/tabularDataLoaders.ts";
import { TabularModel } from "../model/tabularModel.ts";
import { Column } from "../table/column.ts";
import { Table, type TableRow } from "../table/table.ts";
import { requireColumns } from "../table/unknownColumn.ts";
import type { TabularTable } from "../tabularTable.ts";

/** What a model learned about the categories of a column. */
export interface LearnedEmbedding {
  /** `#na#` first. */
  readonly classes: readonly Category[];
  /** A vector per class. */
  readonly vectors: readonly Float32Array[];
}

/**
 * The learned vectors of every categorical column, by name: inputs for other models, or coordinates to draw.
 * @throws {@link OptionError} for a learner whose model is no `TabularModel`
 */
export async function embeddingsOf<Y>(learn: Learner<TableRow, Y>): Promise<Record<string, LearnedEmbedding>> {
  const { model, dls } = learn;
  if (!(model instanceof TabularModel) || !(dls instanceof TabularDataLoaders)) {
    throw new OptionError("embeddingsOf", {
      given: `a ${model.constructor.name}`,
      expected: "a learner of `tabularLearner`",
    });
  }
  const { to } = dls;
  const found: Record<string, LearnedEmbedding> = {};
  for (const [i, name] of to.catNames.entries()) {
    const { weight, embeddingDim: size } = model.embeds.at(i);
    const values = (await weight.value.data()) as Float32Array;
    const classes = to.classes[name]!;
    found[name] = { classes, vectors: classes.map((_, id) => values.slice(id * size, (id + 1) * size)) };
  }
  return found;
}

/**
 * The inputs of a prepared table with learned vectors in place of categories, `workclass_0`, `workclass_1`, …: for
 * forests, nearest neighbors and anything else that wants numbers.
 * @throws {@link StateError} for a table that was prepared in another way
 */
export function embedTable(to: TabularTable<unknown>, embeddings: Readonly<Record<string, LearnedEmbedding>>): Table {
  requireColumns("embedTable", Object.keys(embeddings), to.catNames);
  const columns: [string, Column][] = [];
  for (const [name, column] of to.xs.entries()) {
    const embedding = embeddings[name];
    if (embedding === undefined) {
      columns.push([name, column]);
      continue;
    }
    if (to.classes[name]?.length !== embedding.classes.length) {
      throw new StateError("embedTable", {
        given: `${to.classes[name]?.length} classes of "${name}", and vectors for ${embedding.classes.length}`,
        expected: "a table prepared like the training rows: `dls.to.new(rows)`",
      });
    }
    for (let k = 0; k < embedding.vectors[0]!.length; k++) {
      const values = new Float32Array(column.length);
      for (let i = 0; i < values.length; i++) values[i] = embedding.vectors[column.values[i]!]![k]!;
      columns.push([`${name}_${k}`, new Column("float", values)]);
    }
  }
  return new Table(columns);
}
