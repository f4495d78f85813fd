import { type Drawing, svgDocument, svgText } from "../drawing.ts";
import { textWidth } from "../text/textWidth.ts";
import { wrapText } from "../text/wrapText.ts";

/** A table whose cells are text already. */
export interface TextTable {
  columns: readonly string[];
  rows: ReadonlyArray<readonly string[]>;
  title?: string | undefined;
}

const FONT_SIZE = 12;
const LINE = 16;
const PADDING = 8;
const MAX_CELL = 420;
const MAX_ROWS = 500;

/** A table as SVG: the head in bold over a line, every second row tinted. Beyond 500 rows it says how many are left. */
export async function drawTable({ columns, rows, title }: TextTable, numeric: readonly boolean[]): Promise<Drawing> {
  const wrap = (text: string, bold: boolean) =>
    wrapText(text, { width: MAX_CELL, fontSize: FONT_SIZE, bold, maxLines: 60 });
  const drawn = [
    columns.map((column) => wrap(column, true)),
    ...rows.slice(0, MAX_ROWS).map((row) => row.map((text) => wrap(text, false))),
  ];
  const widths = columns.map((_, i) => {
    const lineWidths = drawn.flatMap((row, r) => row[i]!.map((line) => textWidth(line, FONT_SIZE, r === 0)));
    return lineWidths.reduce((a, b) => Math.max(a, b)) + 2 * PADDING;
  });
  const tableWidth = Math.ceil(widths.reduce((a, b) => a + b, 0));
  const titleLines = title === undefined ? [] : wrapText(title, { width: MAX_CELL, fontSize: 14, bold: true });
  const titleWidth = Math.max(0, ...titleLines.map((line) => textWidth(line, 14, true)));
  const parts = titleLines.map((line, i) =>
    svgText(line, { x: 2 * PADDING, y: 24 + i * 19, fontSize: 14, bold: true }),
  );
  let y = PADDING + (titleLines.length > 0 ? titleLines.length * 19 + 6 : 0);
  drawn.forEach((row, r) => {
    const height = Math.max(...row.map((lines) => lines.length)) * LINE + 8;
    if (r > 0 && r % 2 === 0) {
      parts.push(`<rect x="${PADDING}" y="${y}" width="${tableWidth}" height="${height}" fill="#F4F4F4"/>`);
    }
    let x = PADDING;
    row.forEach((lines, i) => {
      const place = numeric[i] ? { x: x + widths[i]! - PADDING, anchor: "end" as const } : { x: x + PADDING };
      lines.forEach((line, n) => {
        parts.push(svgText(line, { ...place, y: y + 15 + n * LINE, fontSize: FONT_SIZE, bold: r === 0 }));
      });
      x += widths[i]!;
    });
    y += height;
    if (r === 0) parts.push(`<rect x="${PADDING}" y="${y - 1}" width="${tableWidth}" height="1" fill="#777777"/>`);
  });
  if (rows.length > MAX_ROWS) {
    parts.push(svgText(`… ${rows.length - MAX_ROWS} more rows`, { x: 2 * PADDING, y: y + 15, fontSize: FONT_SIZE }));
    y += LINE + 8;
  }
  return svgDocument(parts.join(""), Math.max(tableWidth, titleWidth) + 2 * PADDING, y + PADDING);
}
