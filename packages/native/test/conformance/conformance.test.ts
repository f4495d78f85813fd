import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the backend passes the conformance tests of tfjs-core", { timeout: 180_000 }, async () => {
  const script = new URL("./run.mjs", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [script], { maxBuffer: 2 ** 26 }).catch(
    (error) => error,
  );
  const lines: string[] = stdout.trim().split("\n");
  const { passed, failed, skipped } = JSON.parse(lines.at(-1)!);
  expect(lines.filter((line) => line.startsWith("FAILED"))).toEqual([]);
  expect({ failed, skipped }).toEqual({ failed: 0, skipped: 0 });
  expect(passed).toBeGreaterThan(4200);
});
