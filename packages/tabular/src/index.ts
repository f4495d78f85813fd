export { type ContCatSplitOptions, contCatSplit } from "./columns/contCatSplit.ts";
export { type DfShrinkOptions, dfShrink, dfShrinkDtypes, type Storage } from "./columns/dfShrink.ts";
export { type AddDatepartOptions, addDatepart } from "./dates/addDatepart.ts";
export { addElapsedTimes } from "./dates/addElapsedTimes.ts";
export { makeDate } from "./dates/makeDate.ts";
export { classWeights } from "./interpret/classWeights.ts";
export { embeddingsOf, embedTable, type LearnedEmbedding } from "./interpret/embeddings.ts";
export {
  type PartialDependence,
  type PartialDependenceOptions,
  partialDependence,
} from "./interpret/partialDependence.ts";
export {
  type ColumnImportance,
  type PermutationOptions,
  permutationImportance,
} from "./interpret/permutationImportance.ts";
export { clusterColumns, type RankCorrelation, spearman } from "./interpret/rankCorrelation.ts";
export { type TabularLearnerOptions, tabularConfig, tabularLearner } from "./learner/tabularLearner.ts";
export { TabDataLoader } from "./loaders/tabDataLoader.ts";
export {
  TabularDataLoaders,
  type TabularFromCsvOptions,
  type TabularFromDfOptions,
  type TabularLoadersOptions,
} from "./loaders/tabularDataLoaders.ts";
export { TabularDataset } from "./loaders/tabularDataset.ts";
export { TabWeightedDL, type TabWeightedDLOptions } from "./loaders/tabWeightedDl.ts";
export { type EmbSize, embSzRule, getEmbSz } from "./model/embSizes.ts";
export {
  type TabularActivation,
  TabularModel,
  type TabularModelArgs,
  type TabularModelOptions,
} from "./model/tabularModel.ts";
export { Categorify } from "./procs/categorify.ts";
export { FillMissing, type FillMissingOptions, type FillStrategy } from "./procs/fillMissing.ts";
export { type ColumnStats, Normalize } from "./procs/normalize.ts";
export { type ColumnNames, type Processed, type ProcLike, TabularProc, tabularProcs } from "./procs/tabularProc.ts";
export { readParquet, readSql, type SqlOptions, sqlChunks, sqlSource } from "./stream/sql.ts";
export { type StreamLoadersOptions, tabularStreamLoaders } from "./stream/streamLoaders.ts";
export type { TableSource } from "./stream/tableSource.ts";
export { TabStreamLoader, type TabStreamLoaderOptions } from "./stream/tabStreamLoader.ts";
export { Column, type ColumnType, type ColumnValues, type Value } from "./table/column.ts";
export type { CsvType } from "./table/csvCells.ts";
export { type ArrowTable, fromArrow } from "./table/fromArrow.ts";
export { parseTable, type ReadTableOptions, readTable, readTableChunks } from "./table/readTable.ts";
export { Table, type TableLike, type TableRow } from "./table/table.ts";
export { tableToCsv, type WriteTableOptions, writeTable } from "./table/writeTable.ts";
export { TabularTable, type TabularTableOptions } from "./tabularTable.ts";
export {
  type DecisionTreeOptions,
  RandomForest,
  type RandomForestOptions,
  type TreeExplanation,
} from "./trees/randomForest.ts";
export { type TreeData, treeData } from "./trees/treeData.ts";
