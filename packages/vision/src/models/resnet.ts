import { checkOptions, OptionError } from "@layerwise/core";
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  Flatten,
  kaimingNormal,
  Linear,
  MaxPool2d,
  Module,
  type Parameter,
  ReLU,
  Sequential,
} from "@layerwise/core/nn";
import * as tf from "@tensorflow/tfjs-core";

export interface ResNetOptions {
  /** Channels of the pictures. @defaultValue 3 */
  nIn?: number;
  /** Classes. @defaultValue 1000 */
  nOut?: number;
}

function conv(nIn: number, nOut: number, kernelSize: number, stride = 1): Conv2d {
  const layer = new Conv2d(nIn, nOut, { kernelSize, stride, padding: (kernelSize - 1) / 2, bias: false });
  kaimingNormal(layer.weight, { mode: "fanOut", nonlinearity: "relu" });
  return layer;
}

/** A shortcut that changes size or channels. */
function shortcut(nIn: number, nOut: number, stride: number): Sequential | null {
  return stride === 1 && nIn === nOut ? null : new Sequential(conv(nIn, nOut, 1, stride), new BatchNorm2d(nOut));
}

/** Two 3x3 convolutions around a shortcut. */
export class BasicBlock extends Module {
  static readonly expansion = 1;
  conv1: Conv2d;
  bn1: BatchNorm2d;
  relu: ReLU = new ReLU();
  conv2: Conv2d;
  bn2: BatchNorm2d;
  downsample: Sequential | null;

  constructor(nIn: number, width: number, stride: number) {
    super();
    this.conv1 = conv(nIn, width, 3, stride);
    this.bn1 = new BatchNorm2d(width);
    this.conv2 = conv(width, width, 3);
    this.bn2 = new BatchNorm2d(width);
    this.downsample = shortcut(nIn, width, stride);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const hidden = this.relu.call(this.bn1.call(this.conv1.call(x)));
    const out = this.bn2.call(this.conv2.call(hidden));
    return this.relu.call(tf.add(out, this.downsample?.call(x) ?? x));
  }
}

/** 1x1, 3x3 (which has the stride), 1x1 to four times the width, around a shortcut. */
export class Bottleneck extends Module {
  static readonly expansion = 4;
  conv1: Conv2d;
  bn1: BatchNorm2d;
  conv2: Conv2d;
  bn2: BatchNorm2d;
  conv3: Conv2d;
  bn3: BatchNorm2d;
  relu: ReLU = new ReLU();
  downsample: Sequential | null;

  constructor(nIn: number, width: number, stride: number) {
    super();
    const nOut = width * Bottleneck.expansion;
    this.conv1 = conv(nIn, width, 1);
    this.bn1 = new BatchNorm2d(width);
    this.conv2 = conv(width, width, 3, stride);
    this.bn2 = new BatchNorm2d(width);
    this.conv3 = conv(width, nOut, 1);
    this.bn3 = new BatchNorm2d(nOut);
    this.downsample = shortcut(nIn, nOut, stride);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const first = this.relu.call(this.bn1.call(this.conv1.call(x)));
    const second = this.relu.call(this.bn2.call(this.conv2.call(first)));
    const out = this.bn3.call(this.conv3.call(second));
    return this.relu.call(tf.add(out, this.downsample?.call(x) ?? x));
  }
}

type Block = typeof BasicBlock | typeof Bottleneck;

/**
 * Residual network, names and layout of torchvision's, so that its weights fit.
 * `[N, H, W, nIn]` to `[N, nOut]`.
 * @see He et al. 2015, https://arxiv.org/abs/1512.03385
 */
export class ResNet extends Module {
  conv1: Conv2d;
  bn1: BatchNorm2d;
  relu: ReLU = new ReLU();
  maxpool: MaxPool2d = new MaxPool2d(3, { stride: 2, padding: 1 });
  layer1: Sequential;
  layer2: Sequential;
  layer3: Sequential;
  layer4: Sequential;
  avgpool: AdaptiveAvgPool2d = new AdaptiveAvgPool2d(1);
  fc: Linear;
  readonly #flatten = new Flatten();

  /** @param layers - blocks per stage, four numbers */
  constructor(block: Block, layers: readonly number[], options: ResNetOptions = {}) {
    super();
    checkOptions("ResNet", options, { nIn: true, nOut: true });
    const { nIn = 3, nOut = 1000 } = options;
    if (layers.length !== 4) {
      throw new OptionError("ResNet", { given: `${layers.length} stages`, expected: "blocks for four stages" });
    }
    this.conv1 = conv(nIn, 64, 7, 2);
    this.bn1 = new BatchNorm2d(64);
    let channels = 64;
    const stage = (i: number): Sequential => {
      const width = 64 * 2 ** i;
      const blocks = Array.from({ length: layers[i] as number }, (_, j) => {
        const made = new block(channels, width, j === 0 && i > 0 ? 2 : 1);
        channels = width * block.expansion;
        return made;
      });
      return new Sequential(...blocks);
    };
    this.layer1 = stage(0);
    this.layer2 = stage(1);
    this.layer3 = stage(2);
    this.layer4 = stage(3);
    this.fc = new Linear(channels, nOut);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    let h = this.maxpool.call(this.relu.call(this.bn1.call(this.conv1.call(x))));
    for (const stage of [this.layer1, this.layer2, this.layer3, this.layer4]) h = stage.call(h);
    return this.fc.call(this.#flatten.call(this.avgpool.call(h)));
  }
}

/** Parameter groups of a learner on a ResNet: stem and first two stages, last two stages, head. */
export function splitResNet(body: Sequential, head: Module): Parameter[][] {
  const part = (from: number, to?: number): Parameter[] =>
    body.layers.slice(from, to).flatMap((layer) => layer.parameters());
  return [part(0, 6), part(6), head.parameters()];
}
