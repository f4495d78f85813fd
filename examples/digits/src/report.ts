import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Figure } from "@layerwise/plot";

/** A picture with a heading and a sentence. */
export interface Section {
  title: string;
  text: string;
  figure: Figure;
}

/** One HTML page that opens anywhere: the pictures are inside. @returns its path */
export async function writeReport(folder: string, title: string, sections: readonly Section[]): Promise<string> {
  const parts = await Promise.all(
    sections.map(async (s) => `<section><h2>${s.title}</h2><p>${s.text}</p>${await s.figure.toHtml()}</section>`),
  );
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
section { margin: 2.5rem 0; }
h2 { margin-bottom: .25rem; }
svg, img { max-width: 100%; height: auto; }
</style>
<h1>${title}</h1>
${parts.join("\n")}
</html>
`;
  await mkdir(folder, { recursive: true });
  const path = join(folder, "index.html");
  await writeFile(path, page);
  return path;
}
