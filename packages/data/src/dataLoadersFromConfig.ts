import { dataSourcesRegistry, type JsonValue } from "@layerwise/core/learner";
import { DataLoaders, type DataLoadersConfig } from "./dataLoaders.ts";
import { Datasets } from "./datasets.ts";
import { kindFromConfig, loaderRegistry } from "./loaderRegistry.ts";
import { Pipeline } from "./pipeline.ts";
import { TfmdLists } from "./tfmdLists.ts";

/** Empty loaders from what `DataLoaders.toConfig` wrote, for `testDl`. Runs no code from the file. */
export function dataLoadersFromConfig(config: JsonValue): DataLoaders {
  const { loader, bs, datasets, kinds, stages, options } = config as unknown as DataLoadersConfig;
  const Loader = loaderRegistry.get(loader);
  const dataset = "lists" in datasets ? Datasets.fromConfig(datasets) : TfmdLists.fromConfig(datasets);
  const train = new Loader(dataset.withSplitIdx(0), {
    ...options,
    bs,
    afterItem: Pipeline.fromConfig(stages.afterItem),
    beforeBatch: Pipeline.fromConfig(stages.beforeBatch),
    afterBatch: Pipeline.fromConfig(stages.afterBatch),
  });
  train.kinds = kinds?.map(kindFromConfig) ?? null;
  return new DataLoaders([train, train.withDataset(dataset.withSplitIdx(1))]);
}

dataSourcesRegistry.add("DataLoaders", dataLoadersFromConfig);
