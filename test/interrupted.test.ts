import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readSafetensors } from "@layerwise/core/files";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleChild, type Ended, start } from "./child/index.ts";
import { workFolder } from "./workFolder.ts";

let script: string;
/** A run that nothing stops. */
let whole: { weights: Buffer; losses: string };
beforeAll(async () => {
  script = await bundleChild("train");
  const folder = workFolder();
  whole = finished(folder, await start(process.execPath, [script, folder, "0", "0"]).ended);
});
afterAll(() => rmSync(script, { force: true }));

const run = (folder: string, ...more: string[]) => start(process.execPath, [script, folder, ...more]);

function finished(folder: string, { code, stdout, stderr }: Ended): typeof whole {
  if (code !== 0) throw new Error(`the child failed with code ${code}:\n${stderr}`);
  const losses = stdout.trim().split("\n").at(-1)!;
  return { weights: readFileSync(join(folder, "models", "final.safetensors")), losses };
}

describe("Ctrl-C", () => {
  test.each([
    ["in training", "batch 27", /in epoch 1, batch \d/],
    ["in validation", "validating", /in epoch 0, its validation/],
  ])("%s ends the process with a checkpoint, from which a new one goes on", async (_, moment, told) => {
    const folder = workFolder();
    const child = run(folder, "0", "20");
    await child.says(`${moment}\n`);
    child.process.kill("SIGINT");
    const { code, signal, stderr } = await child.ended;
    expect([code, signal]).toEqual([1, null]);
    const file = join(folder, "models", "interrupted.safetensors");
    expect(stderr).toContain("Ctrl-C: saving a checkpoint");
    expect(stderr).toMatch(/FitInterruptedError.*resume: "interrupted"/s);
    expect(stderr).toContain(file);
    expect(stderr).toMatch(told);
    if (moment === "validating") expect(stderr.split("validating").length - 1).toBeLessThan(8); // of one pass
    expect((await readSafetensors(file)).tensors.size).toBeGreaterThan(4);
    const again = finished(folder, await run(folder, "0", "0", "interrupted").ended);
    expect(again).toEqual(whole);
  });

  test("twice ends the process at once, as a signal does", async () => {
    const folder = workFolder();
    const child = run(folder, "0", "600");
    await child.says("batch 1\n");
    child.process.kill("SIGINT");
    await child.says("Ctrl-C: saving");
    child.process.kill("SIGINT");
    const { code, signal } = await child.ended;
    expect([code, signal]).toEqual([null, "SIGINT"]);
    expect(readdirSync(folder)).toEqual([]);
  });

  const hasTerminal = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;
  const [hide, show] = ["\x1b[?25l", "\x1b[?25h"];
  test.runIf(hasTerminal).each([1, 2])("on a terminal, pressed %d times, gives the cursor back", async (times) => {
    const folder = workFolder();
    const command = [process.execPath, script, folder, "0", times === 1 ? "40" : "600"].map((s) => `'${s}'`).join(" ");
    const child = start("script", ["-qec", command, "/dev/null"]);
    await child.says("batch 1\r\n");
    await child.says(hide);
    for (let i = 0; i < times; i++) {
      child.process.stdin!.write("\x03");
      await child.says("Ctrl-C: saving");
    }
    const { stdout } = await child.ended;
    expect(stdout.lastIndexOf(show)).toBeGreaterThan(stdout.lastIndexOf(hide));
  });
});

describe("kill -9", () => {
  test("at random moments while checkpoints are written: the run goes on to the very same weights", async () => {
    const folder = workFolder();
    const waits: number[] = [];
    for (let kill = 0; kill < 3; kill++) {
      const child = run(folder, "1", "2", ...(kill === 0 ? [] : ["checkpoint"]));
      await child.says("batch ");
      await sleep(waits[waits.push(Math.random() * 150) - 1]);
      child.process.kill("SIGKILL");
      expect((await child.ended).signal, `waits of ${waits} ms`).toBe("SIGKILL");
    }
    const end = finished(folder, await run(folder, "1", "0", "checkpoint").ended);
    expect(end, `waits of ${waits} ms`).toEqual(whole);
  });
});
