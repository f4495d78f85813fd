import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { throwUnwritable } from "./unwritable.ts";

const heartbeat = 5_000; // ms
const abandoned = 30_000; // ms without a heartbeat

/**
 * Runs `body` while no other process runs one under the same lock file; waits for its turn.
 * The lock of a process that was killed is taken over.
 */
export async function withFileLock<T>(file: string, body: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true }).catch((cause) => throwUnwritable(dirname(file), cause));
  while (!(await take(file))) {
    if (await isAbandoned(file)) await discard(file);
    else await delay(100);
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => {});
  }, heartbeat);
  beat.unref();
  try {
    return await body();
  } finally {
    clearInterval(beat);
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify({ host: hostname(), pid: process.pid }), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    return throwUnwritable(dirname(file), error);
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  const info = await stat(file).catch(() => undefined);
  if (info === undefined) return false;
  if (Date.now() - info.mtimeMs > abandoned) return true;
  try {
    const { host, pid } = JSON.parse(await readFile(file, "utf8")) as { host?: string; pid?: number };
    return host === hostname() && typeof pid === "number" && !isRunning(pid);
  } catch {
    return false; // being written, or gone
  }
}

/** By way of a rename, so that of several waiting processes one wins. */
async function discard(file: string): Promise<void> {
  const aside = `${file}.${process.pid}`;
  await rename(file, aside).catch(() => {});
  await rm(aside, { force: true });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
