import { synthDls, synthLearner } from "@layerwise/core/testing";
import * as lw from "@layerwise/vision/all";
import { describe, expect, test } from "vitest";
import { workFolder } from "./workFolder.ts";

type Call = (options: never) => unknown;

const layers: Record<string, Call> = {
  Linear: (o) => new lw.Linear(2, 2, o),
  Conv2d: (o) => new lw.Conv2d(2, 2, o),
  ConvTranspose2d: (o) => new lw.ConvTranspose2d(2, 2, o),
  ConvLayer: (o) => new lw.ConvLayer(2, 2, o),
  ResBlock: (o) => new lw.ResBlock(1, 2, 2, o),
  SEBlock: (o) => new lw.SEBlock(1, 2, 2, o),
  SEModule: (o) => new lw.SEModule(8, 2, o),
  LinBnDrop: (o) => new lw.LinBnDrop(2, 2, o),
  Embedding: (o) => new lw.Embedding(2, 2, o),
  BatchNorm2d: (o) => new lw.BatchNorm2d(2, o),
  LayerNorm: (o) => new lw.LayerNorm(2, o),
  GroupNorm: (o) => new lw.GroupNorm(1, 2, o),
  InstanceNorm2d: (o) => new lw.InstanceNorm2d(2, o),
  MaxPool2d: (o) => new lw.MaxPool2d(2, o),
  AvgPool2d: (o) => new lw.AvgPool2d(2, o),
  LSTM: (o) => new lw.LSTM(2, 2, o),
  GRU: (o) => new lw.GRU(2, 2, o),
  MultiHeadAttention: (o) => new lw.MultiHeadAttention(2, 1, o),
  PixelShuffleIcnr: (o) => new lw.PixelShuffleIcnr(2, 2, o),
  SimpleCNN: (o) => new lw.SimpleCNN([1, 2], o),
  SimpleSelfAttention: (o) => new lw.SimpleSelfAttention(8, o),
  Flatten: (o) => new lw.Flatten(o),
  TimeDistributed: (o) => new lw.TimeDistributed(new lw.Linear(2, 2), o),
  Hook: (o) => new lw.Hook(new lw.Linear(1, 1), () => 1, o),
};

const param = () => [new lw.Linear(1, 1).weight as lw.Parameter];
const { adam, sgd, rmsProp, rAdam, qhAdam, larc, lamb, ranger } = lw;
const training: Record<string, Call> = {
  CrossEntropyLossFlat: (o) => new lw.CrossEntropyLossFlat(o),
  BCEWithLogitsLossFlat: (o) => new lw.BCEWithLogitsLossFlat(o),
  BCELossFlat: (o) => new lw.BCELossFlat(o),
  MSELossFlat: (o) => new lw.MSELossFlat(o),
  FocalLossFlat: (o) => new lw.FocalLossFlat(o),
  DiceLoss: (o) => new lw.DiceLoss(o),
  LabelSmoothingCrossEntropy: (o) => new lw.LabelSmoothingCrossEntropy(o),
  CombinedLoss: (o) => new lw.CombinedLoss(o),
  ...Object.fromEntries(
    Object.entries({ adam, sgd, rmsProp, rAdam, qhAdam, larc, lamb, ranger }).map(([name, make]) => [
      name,
      (o: never) => make(param(), o),
    ]),
  ),
  lookahead: (o) => lw.lookahead(sgd(param(), { lr: 1 }), o),
  AccumMetric: (o) => new lw.AccumMetric(() => 1, o),
  fromScore: (o) => lw.fromScore(() => 1, o),
  optimMetric: (o) => lw.optimMetric(() => lw.f1ScoreMulti(), o),
  AvgSmoothLoss: (o) => new lw.AvgSmoothLoss(o),
  setSeed: (o) => lw.setSeed(1, o),
  "Interpretation.fromLearner": (o) => lw.Interpretation.fromLearner(learner(), o),
  "Interpretation.topLosses": async (o) => (await lw.Interpretation.fromLearner(learner())).topLosses(o),
  "Interpretation.plotTopLosses": async (o) => (await lw.Interpretation.fromLearner(learner())).plotTopLosses(1, o),
  "DataLoader.showBatch": async (o) => (await lw.DataLoaders.fromDsets([[lw.Tuple.of(1, 2)]])).train.showBatch(o),
};

/** Those of the registry whose options can be left out. */
const metrics = lw.metricRegistry.names().flatMap((name): [string, Call][] => {
  const metric = lw.metricRegistry.get(name);
  const isFactory = typeof metric === "function" && Object.getOwnPropertySymbols(metric).length > 0;
  return isFactory ? [[name, metric as unknown as Call]] : [];
});

const data: Record<string, Call> = {
  randomSplitter: (o) => lw.randomSplitter(o),
  randomSubsetSplitter: (o) => lw.randomSubsetSplitter(o),
  endSplitter: (o) => lw.endSplitter(o),
  grandparentSplitter: (o) => lw.grandparentSplitter(o),
  trainTestSplitter: (o) => lw.trainTestSplitter(o),
  regexLabeller: (o) => lw.regexLabeller(/(x)/, o),
  getFiles: (o) => lw.getFiles(workFolder(), o),
  getImageFiles: (o) => lw.getImageFiles(workFolder(), o),
  fileGetter: (o) => lw.fileGetter(o),
  imageGetter: (o) => lw.imageGetter(o),
  Categorize: (o) => new lw.Categorize(o),
  MultiCategorize: (o) => new lw.MultiCategorize(o),
  ColReader: (o) => new lw.ColReader("a", o),
  IntToFloatTensor: (o) => new lw.IntToFloatTensor(o),
  Normalize: (o) => new lw.Normalize(o),
  Transform: (o) => new lw.Transform(o),
  categoryBlock: (o) => lw.categoryBlock(o),
  multiCategoryBlock: (o) => lw.multiCategoryBlock(o),
  regressionBlock: (o) => lw.regressionBlock(o),
  transformBlock: (o) => lw.transformBlock(o),
  TfmdLists: (o) => lw.TfmdLists.create([1], [], o),
  untarData: (o) => lw.untarData("https://data.invalid/a.tgz", o),
  downloadFile: (o) => lw.downloadFile("https://data.invalid/a", "a", o),
  extractArchive: (o) => lw.extractArchive("a", "b", o),
  parseCsv: (o) => lw.parseCsv("a,b\n1,2", o),
  iterableDataset: (o) => lw.iterableDataset([1], o),
  DataLoader: (o) => new lw.DataLoader([1], o),
  DataBlock: (o) => new lw.DataBlock(o),
};

const vision: Record<string, Call> = {
  imageBlock: (o) => lw.imageBlock(o),
  maskBlock: (o) => lw.maskBlock(o),
  loadImage: (o) => lw.loadImage("a.png", o),
  verifyImages: (o) => lw.verifyImages([], o),
  downloadImages: (o) => lw.downloadImages(workFolder(), o),
  resizeImages: (o) => lw.resizeImages(workFolder(), o),
  createHead: (o) => lw.createHead(2, 2, o),
  createBody: (o) => lw.createBody(new lw.Sequential(), o),
  resnet18: (o) => lw.resnet18.build(o),
  xresnet18: (o) => lw.xresnet18.build(o),
  visionLearner: (o) => lw.visionLearner(learner().dls as never, lw.resnet18, o),
  Resize: (o) => new lw.Resize(8, o),
  RandomResizedCrop: (o) => new lw.RandomResizedCrop(8, o),
  Flip: (o) => new lw.Flip(o),
  FlipItem: (o) => new lw.FlipItem(o),
};

function learner() {
  return synthLearner({ nTrain: 1, nValid: 1, defaultCbs: true });
}

describe.each([
  ["layers", Object.entries(layers)],
  ["training", Object.entries(training)],
  ["metrics", metrics],
  ["data", Object.entries(data)],
  ["vision", Object.entries(vision)],
])("in %s", (_, calls) => {
  test.each(calls)("%s refuses an option that nobody reads, and a value without a name", async (_name, call) => {
    const typo = async () => call({ bogus: 1 } as never);
    await expect(typo()).rejects.toThrow(/got the option "bogus"; expected one of /);
    const bare = async () => call(3 as never);
    await expect(bare()).rejects.toThrow(/got 3 as the options; expected an object of options by name/);
  });
});

test("there are metrics among them", () => {
  expect(metrics.length).toBeGreaterThan(25);
});

test("the data of a line refuses them too", () => {
  expect(() => synthDls({ nTrn: 3 } as never)).toThrow(/did you mean "nTrain"/);
});
