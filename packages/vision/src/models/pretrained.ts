import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { DataError, FileFormatError, OptionError } from "@layerwise/core";
import { type FileTensor, readSafetensors, readTorchFile } from "@layerwise/core/files";
import { type AnyModule, type StateDict, skipInit } from "@layerwise/core/nn";
import { downloadFile, urlPath } from "@layerwise/data";
import type { Architecture, PublishedWeights } from "./architectures.ts";

/**
 * The full classifier with trained weights, for as many classes as they are for: from `file`, else from the cache, else downloaded from where they are
 * published. Checks names, shapes and the published hash before anything is used.
 * @throws {@link OptionError} if nobody publishes weights for it
 * @throws {@link DataError} if they can neither be found nor downloaded, or the file is not what was published
 */
export async function pretrainedModel(arch: Architecture, file?: string): Promise<AnyModule> {
  const path = file ?? (await cachedWeights(arch));
  const state = await readWeights(path);
  const model = buildFor(state, arch);
  try {
    model.loadStateDict(state, { layout: "torch" });
  } catch (error) {
    model.dispose();
    if (!(error instanceof FileFormatError)) throw error;
    throw new FileFormatError(path, {
      given: `weights of another model: ${error.given}`,
      expected: `those of the full ${arch.name}, with PyTorch's names`,
      fix: "pass the architecture that these weights belong to, or another file",
      cause: error,
    });
  }
  return model;
}

/** The classifier for as many classes as the weights are for: its last parameter is a bias of that length. */
function buildFor(state: StateDict, arch: Architecture): AnyModule {
  const model = skipInit(() => arch.build());
  const [name, bias] = model.namedParameters().at(-1) ?? [];
  const classes = name === undefined ? undefined : state.get(name)?.shape;
  if (classes?.length !== 1 || bias?.shape.length !== 1 || classes[0] === bias.size) return model;
  model.dispose();
  return skipInit(() => arch.build({ nOut: classes[0]! }));
}

/** Tensors of a `.safetensors` file, or of one that PyTorch saved, in PyTorch's layout. */
export async function readWeights(path: string): Promise<StateDict> {
  if (!existsSync(path)) {
    throw new DataError("pretrained weights", {
      given: `no file "${path}"`,
      expected: "a file of weights",
      fix: "check the path",
    });
  }
  const tensors: ReadonlyMap<string, FileTensor> = path.endsWith(".safetensors")
    ? (await readSafetensors(path)).tensors
    : await readTorchFile(path);
  return new Map(tensors) as StateDict;
}

async function cachedWeights({ name, weights }: Architecture): Promise<string> {
  if (weights === undefined) {
    throw new OptionError(`pretrained ${name}`, {
      given: "an architecture that nobody publishes weights for",
      expected: "one with published weights",
      fix: "pass `pretrained: false`, or `weights: path` of a file of your own",
    });
  }
  const path = await urlPath(weights.url, "model");
  if (existsSync(path)) return path;
  return downloadFile(weights.url, path, {
    verify: (file) => checkHash(file, weights),
    advice: `pass \`pretrained: false\` to start from random weights; or, on a machine with a network, download ${weights.url} and put the file at ${path}`,
  });
}

/** torchvision names each file after the start of its SHA-256. */
async function checkHash(file: string, { url, sha256 }: PublishedWeights): Promise<string | undefined> {
  if (sha256 === null) return undefined;
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const found = hash.digest("hex").slice(0, sha256.length);
  return found === sha256 ? undefined : `its SHA-256 starts with ${found}, ${basename(url)} says ${sha256}`;
}
