import { dirname, isAbsolute, join } from "node:path";
import { FileFormatError } from "../errors.ts";
import type { StateDict } from "../nn/index.ts";
import type { OptimizerState, TensorState } from "../optim/index.ts";
import type { JsonValue } from "./dataSource.ts";
import type { Learner } from "./learner.ts";

const EXTENSION = ".safetensors";
/** More slow weights than any model has. */
const MAX_TENSORS = 1e6;
/** Raised when files of an older layout can no longer be read. */
const VERSION = 1;

/** Kinds of files that a learner writes; one is never mistaken for another. */
export type FileKind = "weights" | "checkpoint" | "learner";

/** What a file holds beside its tensors. */
export interface FileHeader {
  kind: FileKind;
  version: number;
  arch: JsonValue;
  optimizer: SavedOptimizer | null;
  extra: JsonValue;
}

type Scalars = Record<string, number | boolean>;
interface SavedOptimizer {
  hypers: Record<string, number>[];
  frozenIdx: number;
  scalars: Scalars[];
  lookahead?: { count: number; slow: number };
  /** Names of a foreign optimizer's tensors, by group. */
  foreign?: string[][];
}

/** Path of a saved model: below the learner's model folder, with the extension, unless absolute. */
export function modelPath(learn: Learner, name: string): string {
  const file = name.endsWith(EXTENSION) ? name : `${name}${EXTENSION}`;
  return isAbsolute(file) ? file : join(learn.path, learn.modelDir, file);
}

export interface FileContents {
  kind: FileKind;
  model: StateDict;
  arch?: JsonValue;
  optimizer?: OptimizerState | null;
  /** More tensors, by name. */
  tensors?: ReadonlyMap<string, TensorState>;
  extra?: JsonValue;
}

/** Writes to a temporary name and renames, so that no reader ever sees half a file. */
export async function writeModelFile(path: string, contents: FileContents): Promise<void> {
  const {
    kind,
    model,
    arch = null,
    optimizer = null,
    tensors = new Map<string, TensorState>(),
    extra = null,
  } = contents;
  const all = new Map<string, TensorState>();
  for (const [name, entry] of model) all.set(`model.${name}`, entry as TensorState);
  for (const [name, entry] of tensors) all.set(name, entry);
  const header: FileHeader = { kind, version: VERSION, arch, optimizer: splitOptimizer(optimizer, all), extra };
  const [{ mkdir }, { writeSafetensors }] = await Promise.all([
    import("node:fs/promises"),
    import("../files/index.ts"),
  ]);
  await mkdir(dirname(path), { recursive: true });
  await writeSafetensors(path, all, { layerwise: JSON.stringify(header) });
}

/** Reads what `writeModelFile` wrote. @throws {@link FileFormatError} for any other file */
export async function readModelFile(
  path: string,
  kinds: readonly FileKind[],
): Promise<Required<FileContents> & { optimizer: OptimizerState | null }> {
  const { readSafetensors } = await import("../files/index.ts"); // only here, so that training never loads it
  const { tensors, metadata } = await readSafetensors(path);
  const header = parseHeader(path, metadata.layerwise, kinds);
  const model: StateDict = new Map();
  const rest = new Map<string, TensorState>();
  for (const [name, entry] of tensors) {
    if (name.startsWith("model.")) model.set(name.slice("model.".length), entry);
    else rest.set(name, entry as TensorState);
  }
  if (!isSavedOptimizer(header.optimizer)) throw damagedOptimizer(path);
  const optimizer = joinOptimizer(header.optimizer, rest);
  return { kind: header.kind, model, arch: header.arch, optimizer, tensors: rest, extra: header.extra };
}

function parseHeader(path: string, text: string | undefined, kinds: readonly FileKind[]): FileHeader {
  const problem = (given: string): FileFormatError =>
    new FileFormatError(path, {
      given,
      expected: `a ${kinds.join(" or ")} file written by layerwise`,
      fix: "write it with `learn.save`, `CheckpointCallback` or `learn.export`; plain weights go in with `model.loadStateDict`",
    });
  if (text === undefined) throw problem("a safetensors file without layerwise's description");
  let header: FileHeader;
  try {
    header = JSON.parse(text) as FileHeader;
  } catch {
    throw problem("a description that is no JSON");
  }
  if (typeof header !== "object" || header === null || !kinds.includes(header.kind))
    throw problem(`a file of kind "${String(header?.kind)}"`);
  if (header.version !== VERSION) throw problem(`layout version ${String(header.version)}`);
  return header;
}

function isSavedOptimizer(value: unknown): value is SavedOptimizer | null {
  if (value === null) return true;
  const { hypers, frozenIdx, scalars, lookahead, foreign } = value as { [K in keyof SavedOptimizer]?: unknown };
  const isRow = (row: unknown): boolean => typeof row === "object" && row !== null && !Array.isArray(row);
  const rows = [hypers, scalars];
  if (!Number.isInteger(frozenIdx) || !rows.every((list) => Array.isArray(list) && list.every(isRow))) return false;
  const { count, slow } = (lookahead ?? { count: 0, slow: 0 }) as { count?: unknown; slow?: unknown };
  if (![count, slow].every((n) => Number.isInteger(n) && Number(n) >= 0 && Number(n) <= MAX_TENSORS)) return false;
  return foreign === undefined || (Array.isArray(foreign) && foreign.every(Array.isArray));
}

function damagedOptimizer(path: string): FileFormatError {
  return new FileFormatError(path, {
    given: "a damaged description of the optimizer",
    expected: "a file as layerwise wrote it",
    fix: "use another file",
  });
}

function splitOptimizer(state: OptimizerState | null, tensors: Map<string, TensorState>): SavedOptimizer | null {
  if (state === null) return null;
  const scalars = state.state.map((row, i) => {
    const plain: Scalars = {};
    for (const [key, value] of Object.entries(row)) {
      if (typeof value === "object") tensors.set(`opt.${i}.${key}`, value);
      else plain[key] = value;
    }
    return plain;
  });
  for (const [i, slow] of (state.lookahead?.slow ?? []).entries()) tensors.set(`slow.${i}`, slow);
  const { hypers, frozenIdx, lookahead, foreign } = state;
  for (const [g, group] of (foreign ?? []).entries()) {
    for (const [i, { tensor }] of group.entries()) tensors.set(`foreign.${g}.${i}`, tensor);
  }
  return {
    hypers,
    frozenIdx,
    scalars,
    ...(lookahead ? { lookahead: { count: lookahead.count, slow: lookahead.slow.length } } : {}),
    ...(foreign ? { foreign: foreign.map((group) => group.map(({ name }) => name)) } : {}),
  };
}

/** Takes the optimizer's tensors out of `tensors`. */
function joinOptimizer(saved: SavedOptimizer | null, tensors: Map<string, TensorState>): OptimizerState | null {
  if (saved === null) return null;
  const state: OptimizerState["state"] = saved.scalars.map((row) => ({ ...row }));
  for (const [name, tensor] of [...tensors]) {
    const match = /^opt\.(\d+)\.(\w+)$/.exec(name);
    const row = match ? state[Number(match[1])] : undefined;
    if (match && row) {
      row[match[2] as string] = tensor;
      tensors.delete(name);
    }
  }
  const take = (name: string): TensorState[] => {
    const tensor = tensors.get(name);
    tensors.delete(name);
    return tensor ? [tensor] : [];
  };
  const { hypers, frozenIdx, lookahead, foreign } = saved;
  const slow = lookahead && Array.from({ length: lookahead.slow }, (_, i) => take(`slow.${i}`)).flat();
  return {
    hypers: hypers as OptimizerState["hypers"],
    frozenIdx,
    state,
    ...(slow ? { lookahead: { count: lookahead.count, slow } } : {}),
    ...(foreign
      ? {
          foreign: foreign.map((names, g) =>
            names.flatMap((name, i) => take(`foreign.${g}.${i}`).map((tensor) => ({ name, tensor }))),
          ),
        }
      : {}),
  };
}
