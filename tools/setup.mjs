// Installs what package-lock.json says, if that has not been done for this lock file yet. Nothing but the npm registry is asked.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const [major] = process.versions.node.split(".").map(Number);
if (major < 20) {
  console.error(`layerwise needs Node 20 or newer; this is Node ${process.versions.node}.`);
  process.exit(1);
}

const stamp = "node_modules/.cache/layerwise/lock";
const lock = createHash("sha256").update(readFileSync("package-lock.json")).digest("hex");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  console.log("Installing dependencies ...");
  // not `npm ci`: it fails where a registry does not have the binaries of other platforms
  const { status } = spawnSync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (status !== 0) process.exit(status ?? 1);
  mkdirSync("node_modules/.cache/layerwise", { recursive: true });
  writeFileSync(stamp, lock);
}
