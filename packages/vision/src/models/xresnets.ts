import { checkOptions } from "@layerwise/core";
import { imagenetStats } from "@layerwise/data";
import { type Architecture, addArchitecture, type PublishedWeights } from "./architectures.ts";
import {
  resBlock,
  resNeXtBlock,
  seBlock,
  seBlock64,
  seResNeXtBlock,
  splitXResNet,
  type XBlock,
  XResNet,
} from "./xresnet.ts";

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
    build: (options = {}) => {
      checkOptions(name, options, { nIn: true, nOut: true });
      return new XResNet(block, expansion, layers, { ...options, p });
    },
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
export const xsenet154: Architecture = xresnet("xsenet154", seBlock64, 4, LAYERS[152], { p: 0.2 });
