import { Registry } from "@layerwise/core";
import { type AnyModule, models, type Parameter, type Sequential } from "@layerwise/core/nn";
import { imagenetStats, type Stats } from "@layerwise/data";
import { BasicBlock, Bottleneck, ResNet, splitResNet } from "./resnet.ts";
import { resBlock, resNeXtBlock, seBlock, seResNeXtBlock, splitXResNet, type XBlock, XResNet } from "./xresnet.ts";

export interface BuildOptions {
  /** Channels of the pictures. @defaultValue 3 */
  nIn?: number;
  /** Classes of the full model. @defaultValue 1000 */
  nOut?: number;
}

/** Where trained weights are published. */
export interface PublishedWeights {
  url: string;
  /** First hexadecimal digits of the file's SHA-256; `null` where nobody publishes one. */
  sha256: string | null;
}

/** A model that a vision learner can be built on, and how to take it apart. */
export interface Architecture {
  /** Name in the `architectures` registry, which exported files carry. */
  readonly name: string;
  /** The full classifier. */
  build(options?: BuildOptions): AnyModule;
  /** How many children are the body; negative counts from the end; `null` cuts before the last pooling. */
  readonly cut: number | null;
  /** Parameter groups of body and head, first layers first; body against head unless given. */
  readonly split?: (body: Sequential, head: AnyModule) => Parameter[][];
  /** What its trained weights expect pictures to be normalized by. */
  readonly stats?: Stats;
  readonly weights?: PublishedWeights;
}

/** Architectures by name. Third parties add theirs. */
export const architectures: Registry<Architecture> = new Registry<Architecture>("architecture");

/** Registers an architecture, and its full classifier as a model of the same name. */
export function addArchitecture<A extends Architecture>(architecture: A): A {
  architectures.add(architecture.name, architecture);
  models.add(architecture.name, (args) => architecture.build(args as BuildOptions));
  return architecture;
}

const TORCHVISION = "https://download.pytorch.org/models/";

function torchvision(file: string): PublishedWeights {
  return { url: `${TORCHVISION}${file}`, sha256: /-([0-9a-f]{8})\.pth$/.exec(file)?.[1] ?? null };
}

function resnet(
  name: string,
  block: typeof BasicBlock | typeof Bottleneck,
  layers: readonly number[],
  file: string,
): Architecture {
  return addArchitecture({
    name,
    build: (options) => new ResNet(block, layers, options),
    cut: -2,
    split: (body, head) => splitResNet(body, head),
    stats: imagenetStats,
    weights: torchvision(file),
  });
}

export const resnet18: Architecture = resnet("resnet18", BasicBlock, [2, 2, 2, 2], "resnet18-f37072fd.pth");
export const resnet34: Architecture = resnet("resnet34", BasicBlock, [3, 4, 6, 3], "resnet34-b627a593.pth");
export const resnet50: Architecture = resnet("resnet50", Bottleneck, [3, 4, 6, 3], "resnet50-11ad3fa6.pth");
export const resnet101: Architecture = resnet("resnet101", Bottleneck, [3, 4, 23, 3], "resnet101-cd907fc2.pth");
export const resnet152: Architecture = resnet("resnet152", Bottleneck, [3, 8, 36, 3], "resnet152-f82ba261.pth");

function xresnet(
  name: string,
  block: XBlock,
  expansion: number,
  layers: readonly number[],
  more: { p?: number; weights?: PublishedWeights } = {},
): Architecture {
  const { p = 0, weights } = more;
  return addArchitecture({
    name,
    build: (options) => new XResNet(block, expansion, layers, { ...options, p }),
    cut: -4,
    split: (body, head) => splitXResNet(body, head),
    stats: imagenetStats,
    ...(weights ? { weights } : {}),
  });
}

const LAYERS = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
} as const;
const deep = (layers: readonly number[]): number[] => [...layers, 1, 1];
const DEEPER = [2, 2, 1, 1, 1, 1, 1, 1] as const;
const SE_DEEPER = [3, 4, 4, 2, 2, 1, 1, 1] as const;
const xrn50: PublishedWeights = { url: "https://s3.amazonaws.com/fast-ai-modelzoo/xrn50_940.pth", sha256: null };

export const xresnet18: Architecture = xresnet("xresnet18", resBlock, 1, LAYERS[18]);
export const xresnet34: Architecture = xresnet("xresnet34", resBlock, 1, LAYERS[34]);
export const xresnet50: Architecture = xresnet("xresnet50", resBlock, 4, LAYERS[50], { weights: xrn50 });
export const xresnet101: Architecture = xresnet("xresnet101", resBlock, 4, LAYERS[101]);
export const xresnet152: Architecture = xresnet("xresnet152", resBlock, 4, LAYERS[152]);
export const xresnet18Deep: Architecture = xresnet("xresnet18Deep", resBlock, 1, deep(LAYERS[18]));
export const xresnet34Deep: Architecture = xresnet("xresnet34Deep", resBlock, 1, deep(LAYERS[34]));
export const xresnet50Deep: Architecture = xresnet("xresnet50Deep", resBlock, 4, deep(LAYERS[50]));
export const xresnet18Deeper: Architecture = xresnet("xresnet18Deeper", resBlock, 1, DEEPER);
export const xresnet34Deeper: Architecture = xresnet("xresnet34Deeper", resBlock, 1, [3, 4, 6, 3, 1, 1, 1, 1]);
export const xresnet50Deeper: Architecture = xresnet("xresnet50Deeper", resBlock, 4, [3, 4, 6, 3, 1, 1, 1, 1]);
export const xseResnet18: Architecture = xresnet("xseResnet18", seBlock, 1, LAYERS[18]);
export const xseResnet34: Architecture = xresnet("xseResnet34", seBlock, 1, LAYERS[34]);
export const xseResnet50: Architecture = xresnet("xseResnet50", seBlock, 4, LAYERS[50]);
export const xseResnet101: Architecture = xresnet("xseResnet101", seBlock, 4, LAYERS[101]);
export const xseResnet152: Architecture = xresnet("xseResnet152", seBlock, 4, LAYERS[152]);
export const xresnext18: Architecture = xresnet("xresnext18", resNeXtBlock, 1, LAYERS[18]);
export const xresnext34: Architecture = xresnet("xresnext34", resNeXtBlock, 1, LAYERS[34]);
export const xresnext50: Architecture = xresnet("xresnext50", resNeXtBlock, 4, LAYERS[50]);
export const xresnext101: Architecture = xresnet("xresnext101", resNeXtBlock, 4, LAYERS[101]);
export const xseResnext18: Architecture = xresnet("xseResnext18", seResNeXtBlock, 1, LAYERS[18]);
export const xseResnext34: Architecture = xresnet("xseResnext34", seResNeXtBlock, 1, LAYERS[34]);
export const xseResnext50: Architecture = xresnet("xseResnext50", seResNeXtBlock, 4, LAYERS[50]);
export const xseResnext101: Architecture = xresnet("xseResnext101", seResNeXtBlock, 4, LAYERS[101]);
export const xseResnext18Deep: Architecture = xresnet("xseResnext18Deep", seResNeXtBlock, 1, deep(LAYERS[18]));
export const xseResnext34Deep: Architecture = xresnet("xseResnext34Deep", seResNeXtBlock, 1, deep(LAYERS[34]));
export const xseResnext50Deep: Architecture = xresnet("xseResnext50Deep", seResNeXtBlock, 4, deep(LAYERS[50]));
export const xseResnext18Deeper: Architecture = xresnet("xseResnext18Deeper", seResNeXtBlock, 1, DEEPER);
export const xseResnext34Deeper: Architecture = xresnet("xseResnext34Deeper", seResNeXtBlock, 1, SE_DEEPER);
export const xseResnext50Deeper: Architecture = xresnet("xseResnext50Deeper", seResNeXtBlock, 4, SE_DEEPER);
