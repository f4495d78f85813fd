import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import type { Figure } from "../figure.ts";
import { PlotError } from "../plotError.ts";
import { escapeXml } from "../text/escape.ts";

const WRITERS: Record<string, (figure: Figure) => Promise<string | Uint8Array>> = {
  ".svg": (figure) => figure.toSvg(),
  ".png": (figure) => figure.toPng(),
  ".html": async (figure) => htmlPage(figure.kind, await figure.toHtml()),
  ".txt": async (figure) => `${figure.toText()}\n`,
};

/**
 * Writes the figure beside its place and then renames it, so that nobody ever reads half a file.
 * @throws {@link PlotError} if the extension is unknown or the file cannot be written
 */
export async function saveFigure(figure: Figure, path: string): Promise<void> {
  const writer = WRITERS[extname(path).toLowerCase()];
  if (writer === undefined) {
    throw new PlotError("save", {
      given: `"${path}"`,
      expected: `a name that ends in ${Object.keys(WRITERS).join(", ")}`,
      fix: "give the file one of these extensions",
    });
  }
  const content = await writer(figure);
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const given = cause instanceof Error ? cause.message : String(cause);
    throw new PlotError("save", {
      given,
      expected: `to write "${path}"`,
      fix: "check the folder and its rights",
      cause,
    });
  }
}

function htmlPage(title: string, body: string): string {
  const head = `<meta charset="utf-8"><title>${escapeXml(title)}</title>`;
  return `<!doctype html>\n<html lang="en"><head>${head}</head><body>${body}</body></html>\n`;
}
