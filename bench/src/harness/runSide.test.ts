import { afterEach, expect, test, vi } from "vitest";
import type { Job } from "./benchmark.ts";
import { runSide } from "./runSide.ts";

const job: Job = { peer: "python", params: {}, folder: "", threads: 1 };

afterEach(() => vi.unstubAllEnvs());

test("a peer is skipped, and says so, where Python is not installed", async () => {
  vi.stubEnv("BENCH_PYTHON", "no-such-python");
  const outcome = await runSide({ name: "kernels", peers: { python: "kernels.py" } }, job);
  expect(outcome).toEqual({ skipped: "no-such-python is not installed" });
});

test("a script that fails is an error with the end of what it printed", async () => {
  const failing = runSide({ name: "kernels", peers: { python: "missing.mjs" } }, job);
  await expect(failing).rejects.toThrow(/ended with code 1\n(.*\n)*.*missing\.mjs/);
});
