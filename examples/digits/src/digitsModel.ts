import { ConvLayer, Linear, models, PoolFlatten, Sequential } from "@layerwise/vision/all";

/**
 * Four convolutions with batch norm, each halving the picture, then a mean and a linear layer: 100,000 parameters.
 * Registered by name, so that an exported file can say how to build it.
 */
models.add(
  "digits",
  () =>
    new Sequential(
      new ConvLayer(1, 16, { ks: 5, stride: 2 }), // 14 x 14
      new ConvLayer(16, 32, { stride: 2 }), // 7 x 7
      new ConvLayer(32, 64, { stride: 2 }), // 4 x 4
      new ConvLayer(64, 128, { stride: 2 }), // 2 x 2
      new PoolFlatten(),
      new Linear(128, 10),
    ),
);
