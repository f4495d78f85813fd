import { cleanText } from "./escape.ts";
import { textWidth } from "./textWidth.ts";

export interface WrapOptions {
  /** Room in pixels. */
  width: number;
  fontSize: number;
  bold?: boolean | undefined;
  /** Lines after which the rest is cut, with an ellipsis. */
  maxLines?: number | undefined;
}

// Where a long name may break: after a slash, underscore or hyphen.
const NAME_BREAK = /(?<=[/_-])/;

/** Breaks text into lines that fit: at line breaks, between words, within a name, and in a word too long by itself. */
export function wrapText(text: string, { width, fontSize, bold = false, maxLines = Infinity }: WrapOptions): string[] {
  const fits = (line: string) => textWidth(line, fontSize, bold) <= width;
  const lines: string[] = [];
  for (const paragraph of cleanText(text).split("\n")) {
    let line = "";
    for (const { part, space } of splitParts(paragraph)) {
      if (fits(line + space + part)) {
        line += space + part;
        continue;
      }
      if (line !== "") lines.push(line);
      line = "";
      for (const character of part) {
        if (line !== "" && !fits(line + character)) {
          lines.push(line);
          line = "";
        }
        line += character;
      }
      if (lines.length > maxLines) break;
    }
    lines.push(line);
    if (lines.length > maxLines) break;
  }
  if (lines.length <= maxLines) return lines;
  const kept = lines.slice(0, maxLines);
  kept.push(ellipsize(`${kept.pop()!}…`, { width, fontSize, bold }));
  return kept;
}

/** The parts between which a line may end, each with the space that stands before it. */
function splitParts(paragraph: string): Array<{ part: string; space: string }> {
  const words = paragraph.split(/\s+/).filter((word) => word !== "");
  return words.flatMap((word, w) =>
    word.split(NAME_BREAK).map((part, p) => ({ part, space: w > 0 && p === 0 ? " " : "" })),
  );
}

/** One line, cut with an ellipsis where it does not fit. */
export function ellipsize(text: string, { width, fontSize, bold = false }: WrapOptions): string {
  const line = cleanText(text).replaceAll("\n", " ");
  if (textWidth(line, fontSize, bold) <= width) return line;
  const characters = [...line.replace(/…$/, "")];
  while (characters.length > 0 && textWidth(`${characters.join("")}…`, fontSize, bold) > width) characters.pop();
  return `${characters.join("")}…`;
}
