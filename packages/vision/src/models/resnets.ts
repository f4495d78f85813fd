import { imagenetStats } from "@layerwise/data";
import { type Architecture, addArchitecture, type PublishedWeights } from "./architectures.ts";
import { BasicBlock, Bottleneck, ResNet, splitResNet } from "./resnet.ts";

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
