import * as tf from "@tensorflow/tfjs-core";
import { backendInfo } from "../backend/index.ts";

/** What a bug report should say about this machine: versions, backend, platform. */
export function showInstall(): string {
  const { process } = globalThis as { process?: { versions: { node?: string }; platform: string; arch: string } };
  const rows: [string, string][] = [
    ["runtime", process === undefined ? "browser" : `Node ${process.versions.node}`],
    ...(process === undefined ? [] : [["platform", `${process.platform} ${process.arch}`] as [string, string]]),
    ["tfjs-core", tf.version_core],
    ["backend", tf.engine().backendName === null ? "none yet" : backendInfo()],
  ];
  return rows.map(([name, value]) => `${name.padEnd(9)}  ${value}`).join("\n");
}
