// What every peer in JavaScript shares: the job it was given, tfjs ready to train, and its report.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { build } from "esbuild";

const RESULT_MARK = "BENCH-RESULT ";

export const job = JSON.parse(process.argv[2] ?? "{}");

/** tfjs-core registers no gradients in Node, and keeps them in files that Node cannot load one by one. */
export async function registerGradients() {
  const outfile = join(job.folder, "gradients.mjs");
  const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-core/dist/register_all_gradients.js");
  await build({ entryPoints: [entry], bundle: true, format: "esm", platform: "node", outfile, logLevel: "error" });
  await import(pathToFileURL(outfile).href);
}

export function report(samples, versions = {}) {
  const all = { node: process.versions.node, "tfjs-core": tf.version_core, ...versions };
  console.log(RESULT_MARK + JSON.stringify({ samples, versions: all }));
}
