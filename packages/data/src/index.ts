export { DataBatch } from "./batch.ts";
export type { BlockLike, InputOf, TargetOf } from "./blockTypes.ts";
export { type CollateOptions, collate, convert } from "./collate.ts";
export {
  type BlockLoadersOptions,
  DataBlock,
  type DataBlockOptions,
  type DatasetsRequest,
  type GetterLike,
  type SplitterLike,
} from "./dataBlock.ts";
export {
  DataLoader,
  DataLoader as TfmdDL,
  type LoaderStage,
} from "./dataLoader.ts";
export { DataLoaders, type DataLoadersOptions, type Subsets } from "./dataLoaders.ts";
export { dataLoadersFromConfig } from "./dataLoadersFromConfig.ts";
export { type Dataset, listDataset, type TestSetRequest } from "./dataset.ts";
export {
  Datasets,
  type DatasetsConfig,
  type DatasetsOptions,
  type DatasetsParts,
  type TestSetOptions,
} from "./datasets.ts";
export type { BatchTensors, DecodeOptions, ElementKind } from "./decodeBatch.ts";
export { describe as describeValue, describeItem } from "./describe.ts";
export { classChain, classOf, type Kind, type ValueOf } from "./dispatch.ts";
export { DisplayedTransform } from "./displayedTransform.ts";
export {
  type ConfigKey,
  type LayerwiseConfig,
  layerwiseConfig,
  layerwiseHome,
  layerwisePath,
  urlPath,
} from "./external/config.ts";
export { type DownloadOptions, downloadFile } from "./external/download.ts";
export { type DownloadProgress, downloadProgress } from "./external/downloadProgress.ts";
export { type ExtractLimits, type ExtractOptions, extractArchive } from "./external/extractArchive.ts";
export { fetchByProxy } from "./external/proxy.ts";
export { type ArchiveCheck, type UntarDataOptions, untarData } from "./external/untarData.ts";
export { URLs } from "./external/urls.ts";
export {
  type Cell,
  type ColumnKey,
  Frame,
  parseCsv,
  Row,
  type RowLike,
  readCsv,
  readField,
} from "./frame.ts";
export type { CellType, CsvOptions } from "./frameCsv.ts";
export { getC } from "./getC.ts";
export {
  type FileGetter,
  fileGetter,
  type GetFilesOptions,
  type GetKindOptions,
  getFiles,
  getImageFiles,
  getTextFiles,
  imageExtensions,
  imageGetter,
} from "./getters.ts";
export { InplaceTransform, ItemTransform } from "./itemTransform.ts";
export {
  type DatasetLike,
  type IterableDatasetOptions,
  iterableDataset,
  type SampleStream,
} from "./iterableDataset.ts";
export { parentLabel, type RegexLabellerOptions, regexLabeller } from "./labellers.ts";
export type { SkippedItem } from "./loaderErrors.ts";
export type { ItemName, LoaderHooks } from "./loaderHooks.ts";
export { type DataLoaderOptions, dataLoaderOptionNames, type StageTfms } from "./loaderOptions.ts";
export { type LoaderClass, loaderRegistry, tensorKindRegistry } from "./loaderRegistry.ts";
export { mask2idxs, type Split } from "./mask2idxs.ts";
export { andThen, type MaybePromise, mapAll } from "./maybePromise.ts";
export { mergeTfms } from "./mergeTfms.ts";
export { PartialDL, type PartialDLOptions } from "./partialDl.ts";
export {
  type ComposeOptions,
  composeTfms,
  Pipeline,
  type PipelineDecodeOptions,
  type PipelineOptions,
} from "./pipeline.ts";
export { RandTransform, type RandTransformOptions } from "./randTransform.ts";
export {
  cast,
  explodeTypes,
  retainMeta,
  retainType,
  retainTypes,
  type TypeTree,
} from "./retainTypes.ts";
export { onShowBatch, onShowResults, type ShowBatchOptions, type ShownResult, type ShowSource } from "./show.ts";
export {
  colSplitter,
  type EndSplitterOptions,
  endSplitter,
  fileSplitter,
  funcSplitter,
  type GrandparentSplitterOptions,
  grandparentSplitter,
  indexSplitter,
  maskSplitter,
  type PositionSplitter,
  type RandomSplitterOptions,
  type RandomSubsetSplitterOptions,
  randomSplitter,
  randomSubsetSplitter,
  type Splits,
  type Splitter,
} from "./splitters.ts";
export type { SummaryOptions } from "./summary.ts";
export { TfmdLists, type TfmdListsConfig, type TfmdListsOptions } from "./tfmdLists.ts";
export {
  isShowable,
  type Showable,
  type ShowContext,
  type ShowTitleOptions,
  showTitle,
  showValue,
  type TitleContext,
  Titled,
  TitledFloat,
  TitledInt,
  TitledStr,
  TitledTuple,
} from "./titled.ts";
export { type TrainTestSplitterOptions, trainTestSplitter } from "./trainTestSplitter.ts";
export {
  type DrawOf,
  type JsonObject,
  mkTransform,
  type Row as TransformRow,
  type SetupSource,
  Transform,
  type TransformClass,
  type TransformConfig,
  type TransformLike,
  type TransformOptions,
  transformFromConfig,
  transformRegistry,
} from "./transform.ts";
export {
  categoryBlock,
  type MultiCategoryBlockOptions,
  multiCategoryBlock,
  type RegressionBlockOptions,
  regressionBlock,
  type TfmSource,
  type TransformBlock,
  type TransformBlockOptions,
  tfmsOf,
  transformBlock,
} from "./transformBlock.ts";
export { mixSeed, TransformContext, type TransformContextOptions } from "./transformContext.ts";
export { SkipItemError, TransformError } from "./transformError.ts";
export { Categorize, type CategorizeOptions } from "./transforms/categorize.ts";
export { type Category, CategoryMap, type CategoryMapOptions, NA } from "./transforms/categoryMap.ts";
export { ColReader, type ColReaderOptions } from "./transforms/colReader.ts";
export { IntToFloatTensor, type IntToFloatTensorOptions } from "./transforms/intToFloatTensor.ts";
export { AttrGetter, ItemGetter } from "./transforms/itemGetter.ts";
export { EncodedMultiCategorize, MultiCategorize, type MultiCategorizeOptions } from "./transforms/multiCategorize.ts";
export {
  broadcastVec,
  cifarStats,
  imagenetStats,
  mnistStats,
  Normalize,
  type NormalizeOptions,
  type Stats,
} from "./transforms/normalize.ts";
export { OneHotEncode } from "./transforms/oneHotEncode.ts";
export { RegressionSetup, type RegressionTarget } from "./transforms/regressionSetup.ts";
export { ToTensor } from "./transforms/toTensor.ts";
export { asTuple, Tuple } from "./tuple.ts";
export { type ValOptions, valOptionNames } from "./valOptions.ts";
export { WeightedDL, type WeightedDLOptions } from "./weightedDl.ts";
