import { cleanText } from "./escape.ts";
import { textWidth } from "./textWidth.ts";

export interface WrapOptions {
  /** Room in pixels. */
  width: number;
  fontSize: number;
  bold?: boolean;
  /** Lines after which the rest is cut, with an ellipsis. */
  maxLines?: number;
}

/** Breaks text into lines that fit: at line breaks, between words, and within a word that is too long by itself. */
export function wrapText(text: string, { width, fontSize, bold = false, maxLines = Infinity }: WrapOptions): string[] {
  const fits = (line: string) => textWidth(line, fontSize, bold) <= width;
  const lines: string[] = [];
  for (const paragraph of cleanText(text).split("\n")) {
    let line = "";
    for (const word of paragraph.split(/\s+/)) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (fits(longer)) {
        line = longer;
        continue;
      }
      if (line !== "") lines.push(line);
      line = "";
      for (const character of word) {
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

/** One line, cut with an ellipsis where it does not fit. */
export function ellipsize(text: string, { width, fontSize, bold = false }: WrapOptions): string {
  const line = cleanText(text).replaceAll("\n", " ");
  if (textWidth(line, fontSize, bold) <= width) return line;
  const characters = [...line.replace(/…$/, "")];
  while (characters.length > 0 && textWidth(`${characters.join("")}…`, fontSize, bold) > width) characters.pop();
  return `${characters.join("")}…`;
}
