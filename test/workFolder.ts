import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder that is gone when the tests end. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "layerwise-test-"));
  folders.push(folder);
  return folder;
}
