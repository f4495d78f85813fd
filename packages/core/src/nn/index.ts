export { clampedSigmoid, gelu, mish, sigmoidRange, swish, vleakyRelu } from "./activationMath.ts";
export {
  ELU,
  GELU,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  LeakyReLU,
  LogSigmoid,
  LogSoftmax,
  Mish,
  PReLU,
  ReLU,
  ReLU6,
  SELU,
  Sigmoid,
  SiLU,
  Softmax,
  Softplus,
  Softsign,
  Swish,
  Tanh,
} from "./activations.ts";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveConcatPool1d,
  AdaptiveConcatPool2d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
} from "./adaptivePool.ts";
export { type AttentionMasks, MultiHeadAttention, type MultiHeadAttentionOptions } from "./attention.ts";
export {
  BatchNorm1d,
  BatchNorm1dFlat,
  BatchNorm2d,
  BatchNorm3d,
  BatchNormBase,
  type BatchNormOptions,
} from "./batchNorm.ts";
export {
  Flatten,
  type FlattenOptions,
  Identity,
  Lambda,
  ModuleList,
  NamedSequential,
  PartialLambda,
  ResizeBatch,
  Sequential,
  sequential,
  View,
} from "./containers.ts";
export { Conv1d, Conv2d, Conv3d } from "./conv.ts";
export { type Conv2dMathOptions, conv2d, type Size2d } from "./conv2d.ts";
export { type Conv3dMathOptions, conv3d, type Size3d } from "./conv3d.ts";
export { type AxisSizes, ConvBase, type ConvOptions } from "./convBase.ts";
export { ConvLayer, type ConvLayerOptions } from "./convLayer.ts";
export { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d, type ConvTransposeOptions } from "./convTranspose.ts";
export { Debugger } from "./debugger.ts";
export { skipInit } from "./draws.ts";
export { Dropout, Dropout2d } from "./dropout.ts";
export { Embedding, type EmbeddingOptions } from "./embedding.ts";
export { childrenAndParameters, flattenModel, hasChildren, ParameterModule } from "./flatten.ts";
export {
  Hook,
  type HookFunc,
  type HookOptions,
  type HookOutputOptions,
  Hooks,
  hookOutput,
  hookOutputs,
} from "./hooks.ts";
export {
  constantInit,
  defaultUniform,
  fans,
  gain,
  type InitFunc,
  initDefault,
  type KaimingOptions,
  kaimingNormal,
  kaimingUniform,
  type Nonlinearity,
  normalInit,
  onesInit,
  orthogonal,
  truncNormal,
  uniformInit,
  type WeightedModule,
  xavierNormal,
  xavierUniform,
  zerosInit,
} from "./init.ts";
export { type InitLinearOptions, initLinear } from "./initLinear.ts";
export { type LayersLayerLike, type LayersModelLike, LayersModule, type LayersVariableLike } from "./layersModule.ts";
export { LinBnDrop, type LinBnDropOptions } from "./linBnDrop.ts";
export { Linear, type LinearOptions, linear } from "./linear.ts";
export { dummyEval, modelSizes, numFeaturesModel } from "./modelSizes.ts";
export { buildModel, type ModelArgs, type ModelArgsOf, type ModelBuilder, models } from "./models.ts";
export { type AnyModule, type Arch, type Entry, type ForwardHook, Module } from "./module.ts";
export { type ActClass, type NnDefaults, nnDefaults } from "./nnDefaults.ts";
export { GroupNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, LayerNorm, type NormOptions } from "./norm.ts";
export { isNormLayer, normBiasParams, normTypes, trainableParams } from "./normParams.ts";
export { batchNorm, instanceNorm, NormType } from "./normType.ts";
export { type PaddingMode, pad2d } from "./padding.ts";
export { Buffer, DerivedWeight, Parameter, type Weight, type WeightLayout } from "./parameter.ts";
export {
  applyInit,
  applyLeaf,
  condInit,
  hasParams,
  inChannels,
  oneParam,
  params,
  type TotalParams,
  totalParams,
} from "./params.ts";
export {
  icnrInit,
  PixelShuffle,
  PixelShuffleIcnr,
  type PixelShuffleIcnrOptions,
  ReplicationPad2d,
} from "./pixelShuffle.ts";
export { AvgPool1d, AvgPool2d, type AvgPoolOptions, MaxPool1d, MaxPool2d, type PoolOptions } from "./pool.ts";
export { AdaptiveAvgPool3d, AdaptiveMaxPool3d, AvgPool3d, MaxPool3d } from "./pool3d.ts";
export {
  adaptiveAvgPool,
  adaptivePool,
  avgPool,
  maxPool,
  type PoolFactory,
  type PoolFactoryOptions,
  PoolFlatten,
  PoolType,
} from "./poolType.ts";
export { GRU, type GruState, LSTM, type LstmState, type RecurrentCell, type RecurrentOptions } from "./recurrent.ts";
export { ResBlock, type ResBlockOptions, SEBlock, SEResNeXtBlock, SeparableBlock } from "./resBlock.ts";
export { SEModule } from "./se.ts";
export {
  PooledSelfAttention2d,
  SelfAttention,
  SimpleSelfAttention,
  type SimpleSelfAttentionOptions,
} from "./selfAttention.ts";
export { Cat, MergeLayer, OrigLayer, ProdLayer, SequentialEx } from "./sequentialEx.ts";
export { SigmoidRange } from "./sigmoidRange.ts";
export { SimpleCNN, type SimpleCNNOptions } from "./simpleCnn.ts";
export type { LoadOptions, LoadReport, StateDict, StateEntry, StateOptions } from "./state.ts";
export { type LayerInfo, layerInfo, type ModuleSummary, moduleSummary, type OutputShape } from "./summary.ts";
export { TimeDistributed, type TimeDistributedOptions } from "./timeDistributed.ts";
export { type TruncatedNormalOptions, truncatedNormal } from "./truncatedNormal.ts";
export { SpectralNormed, spectralNorm, WeightNormed, weightNorm } from "./weightNorm.ts";
