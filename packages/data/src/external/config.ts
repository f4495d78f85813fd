import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { DataError } from "@layerwise/core";
import { closest } from "fastest-levenshtein";

/** Folders that layerwise keeps things in. */
export interface LayerwiseConfig {
  /** Extracted data sets. */
  data: string;
  /** Downloaded archives. */
  archive: string;
  /** Intermediate files. */
  storage: string;
  /** Weights of models. */
  model: string;
}

/** Names of the folders in {@link LayerwiseConfig}. */
export type ConfigKey = keyof LayerwiseConfig;

const defaults: LayerwiseConfig = { data: "data", archive: "archive", storage: "tmp", model: "models" };

/** Folder of `config.json` and of all that its paths are relative to: `LAYERWISE_HOME`, else `~/.layerwise`. */
export function layerwiseHome(): string {
  const home = process.env.LAYERWISE_HOME || join("~", ".layerwise");
  return resolve(home.replace(/^~(?=$|[\\/])/, homedir()));
}

/**
 * Reads `config.json`, and writes it with the defaults when there is none.
 * @param home - where it lies, if not in {@link layerwiseHome}
 * @throws {@link DataError} if the file is damaged, or has a key that is not a folder's
 */
export async function layerwiseConfig(home: string = layerwiseHome()): Promise<LayerwiseConfig> {
  const file = join(home, "config.json");
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    await writeDefaults(home, file);
    return { ...defaults };
  }
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw new DataError("layerwiseConfig", {
      given: `"${file}", which is not JSON`,
      expected: "an object of paths",
      cause,
    });
  }
  return { ...defaults, ...checked(read, file) };
}

/** Absolute path of one of the folders of {@link LayerwiseConfig}. The folder may not exist yet. */
export async function layerwisePath(key: ConfigKey, home: string = layerwiseHome()): Promise<string> {
  const config = await layerwiseConfig(home);
  return resolve(home, config[key].replace(/^~(?=$|[\\/])/, homedir()));
}

/**
 * Where the file of `url` is, or would be put: in `./data` (`./models` for weights) if it is there, else in the folder
 * of `key`.
 */
export async function urlPath(url: string, key: ConfigKey = "archive"): Promise<string> {
  const name = basename(new URL(url).pathname);
  const local = resolve(key === "model" ? "models" : "data", name);
  return existsSync(local) ? local : join(await layerwisePath(key), name);
}

/** A home that cannot be written to still has its defaults. */
async function writeDefaults(home: string, file: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true });
    await writeFile(file, `${JSON.stringify(defaults, null, 2)}\n`, { flag: "wx" });
  } catch {
    // the folders' own errors name the folder, when something is put there
  }
}

function checked(read: unknown, file: string): Partial<LayerwiseConfig> {
  const keys = Object.keys(defaults);
  const isObject = typeof read === "object" && read !== null && !Array.isArray(read);
  const wrong = isObject
    ? Object.entries(read).find(([key, path]) => !keys.includes(key) || typeof path !== "string")
    : [];
  if (isObject && wrong === undefined) return read as Partial<LayerwiseConfig>;
  const entry = wrong?.[0] === undefined ? "no object" : `${JSON.stringify(wrong[0])}: ${JSON.stringify(wrong[1])}`;
  throw new DataError("layerwiseConfig", {
    given: `${entry} in "${file}"`,
    expected: `paths for ${keys.map((key) => `"${key}"`).join(", ")}`,
    ...(wrong?.[0] === undefined ? {} : { fix: `perhaps "${closest(wrong[0], keys)}" is meant` }),
  });
}
