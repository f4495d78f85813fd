import { createRequire } from "node:module";
import { backendInfo, useBackend } from "@layerwise/core";

/** Our version, Node's, and the backend, which is started if it is not running yet. */
export async function ourVersions(): Promise<Record<string, string>> {
  await useBackend();
  const { version } = createRequire(import.meta.url)("@layerwise/core/package.json") as { version: string };
  return { layerwise: version, node: process.versions.node, backend: backendInfo() };
}
