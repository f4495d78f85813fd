import { OptionError } from "@layerwise/core";
import { Learner, type LearnerOptions } from "@layerwise/core/learner";
import { MSELossFlat } from "@layerwise/core/losses";
import { getEmbSz, type TableRow, TabularDataLoaders, type TabularModelOptions } from "@layerwise/tabular";
import { EmbeddingDotBias } from "./embeddingDotBias.ts";
import { EmbeddingNN } from "./embeddingNn.ts";

export interface CollabLearnerOptions extends LearnerOptions {
  /** Numbers in the vector of a user and of an item. @defaultValue 50 */
  nFactors?: number;
  /** A perceptron on the vectors instead of their product. @defaultValue false */
  useNn?: boolean;
  /** Sizes of the vectors by column, for the perceptron. @defaultValue fastai's rule */
  embSzs?: Readonly<Record<string, number>>;
  /** Sizes of the perceptron's hidden layers. @defaultValue [nFactors] */
  layers?: readonly number[];
  /** How the perceptron is built. */
  config?: TabularModelOptions;
  /** Keeps predictions within a range; choose one a bit wider than the ratings', [0, 5.5] for 1 to 5 stars. */
  yRange?: readonly [low: number, high: number];
}

/**
 * A learner for ratings: a product of vectors with biases, or a perceptron with `useNn`. `fitOneCycle(5, 5e-3, { wd: 0.1 })`
 * is a good start.
 * @throws {@link OptionError} for loaders of another kind, or options that do not fit
 */
export function collabLearner(
  dls: TabularDataLoaders<number>,
  options: CollabLearnerOptions = {},
): Learner<TableRow, number> {
  const { nFactors = 50, useNn = false, embSzs, layers, config, yRange, ...rest } = options;
  if (!(dls instanceof TabularDataLoaders) || dls.to.catNames.length !== 2 || dls.to.contNames.length > 0) {
    throw new OptionError("collabLearner", {
      given: "loaders of another kind",
      expected: 'loaders of users, items and ratings, such as `await CollabDataLoaders.fromCsv("ratings.csv")`',
    });
  }
  const unused = Object.entries({ embSzs, layers, config }).find(([, value]) => value !== undefined);
  if (!useNn && unused !== undefined) {
    throw new OptionError("collabLearner", {
      given: `${unused[0]} without \`useNn\``,
      expected: "`useNn: true`, as the product of vectors has no layers",
    });
  }
  const range = yRange && { yRange };
  const model = useNn
    ? new EmbeddingNN({ ...config, ...range, embSzs: getEmbSz(dls.to, embSzs), layers: layers ?? [nFactors] })
    : EmbeddingDotBias.fromClasses(nFactors, dls.to.classes, { ...range });
  try {
    return new Learner<TableRow, number>(dls, model, { lossFunc: new MSELossFlat(), ...rest });
  } catch (error) {
    model.dispose();
    throw error;
  }
}
