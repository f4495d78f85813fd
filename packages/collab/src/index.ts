export { ClassNames } from "./classNames.ts";
export { CollabDataLoaders, type CollabFromCsvOptions, type CollabFromDfOptions } from "./collabDataLoaders.ts";
export { type CollabLearnerOptions, collabLearner } from "./collabLearner.ts";
export {
  type CollabClasses,
  EmbeddingDotBias,
  type EmbeddingDotBiasArgs,
  type EmbeddingDotBiasOptions,
  type FromClassesOptions,
  type SideOptions,
} from "./embeddingDotBias.ts";
export { type EmbeddingMapOptions, embeddingMap } from "./embeddingMap.ts";
export { EmbeddingNN, type EmbeddingNNArgs } from "./embeddingNn.ts";
export { type NearestOptions, type Neighbor, nearest } from "./nearest.ts";
export { type RankByBiasOptions, type Ranked, rankByBias } from "./rankByBias.ts";
export { type Recommendation, type RecommendOptions, recommend } from "./recommend.ts";
