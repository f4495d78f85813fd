import { type Drawing, svgDocument, svgText } from "../drawing.ts";
import { Figure } from "../figure.ts";
import { PlotError } from "../plotError.ts";
import { cleanText, escapeXml } from "../text/escape.ts";
import { columnWidth, textWidth } from "../text/textWidth.ts";
import { wrapText } from "../text/wrapText.ts";
import { formatNumber } from "./chartText.ts";

export type TableValue = string | number | boolean | null | undefined;

export interface TableOptions {
  columns: readonly string[];
  /** As many values in each row as there are columns. */
  rows: ReadonlyArray<readonly TableValue[]>;
  title?: string;
}

const FONT_SIZE = 12;
const LINE = 16;
const PADDING = 8;
const MAX_CELL = 420;

/**
 * Rows under named columns. A terminal gets it as text, a page as an HTML table.
 * @throws {@link PlotError} if there is no column, or a row has another number of values
 */
export function table(options: TableOptions): Figure<TableOptions> {
  const { columns, rows } = options;
  if (columns.length === 0) throw new PlotError("table", { given: "no columns", expected: "one or more" });
  rows.forEach((row, i) => {
    if (row.length !== columns.length) {
      throw new PlotError("table", {
        given: `${row.length} values in row ${i}`,
        expected: `${columns.length}, one per column`,
      });
    }
  });
  return new Figure({ kind: "table", data: options, draw, toText, toHtml, textSaysAll: true });
}

function cellText(value: TableValue): string {
  if (value === null || value === undefined) return "";
  return typeof value === "number" ? formatNumber(value, 6) : cleanText(String(value));
}

/** Columns of numbers are set to the right. */
function numericColumns({ columns, rows }: TableOptions): boolean[] {
  return columns.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === "number" || row[i] == null));
}

function toText(options: TableOptions): string {
  const numeric = numericColumns(options);
  const oneLine = (text: string) => text.replace(/\s*\n\s*/g, " ");
  const lines = [options.columns.map(cleanText), ...options.rows.map((row) => row.map(cellText))].map((row) =>
    row.map(oneLine),
  );
  const widths = options.columns.map((_, i) => Math.max(...lines.map((line) => columnWidth(line[i]!))));
  const written = lines.map((line) =>
    line
      .map((cell, i) => {
        const space = " ".repeat(widths[i]! - columnWidth(cell));
        return numeric[i] ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd(),
  );
  written.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  return [...(options.title === undefined ? [] : [cleanText(options.title)]), ...written].join("\n");
}

function toHtml(options: TableOptions): string {
  const numeric = numericColumns(options);
  const style = (i: number) =>
    `style="text-align:${numeric[i] ? "right" : "left"};padding:2px 8px;white-space:pre-wrap"`;
  const cells = (tag: string, texts: readonly string[]) =>
    `<tr>${texts.map((text, i) => `<${tag} ${style(i)}>${escapeXml(text)}</${tag}>`).join("")}</tr>`;
  const caption = options.title === undefined ? "" : `<caption>${escapeXml(options.title)}</caption>`;
  const body = options.rows.map((row) => cells("td", row.map(cellText))).join("");
  return `<table style="border-collapse:collapse">${caption}<thead>${cells("th", options.columns)}</thead><tbody>${body}</tbody></table>`;
}

async function draw(options: TableOptions): Promise<Drawing> {
  const numeric = numericColumns(options);
  const wrap = (text: string, bold: boolean) =>
    wrapText(text, { width: MAX_CELL, fontSize: FONT_SIZE, bold, maxLines: 60 });
  const rows = [
    options.columns.map((column) => wrap(column, true)),
    ...options.rows.map((row) => row.map((value) => wrap(cellText(value), false))),
  ];
  const widths = options.columns.map(
    (_, i) =>
      Math.max(...rows.flatMap((row, r) => row[i]!.map((line) => textWidth(line, FONT_SIZE, r === 0)))) + 2 * PADDING,
  );
  const titleLines =
    options.title === undefined ? [] : wrapText(options.title, { width: MAX_CELL, fontSize: 14, bold: true });
  const tableWidth = widths.reduce((a, b) => a + b, 0);
  const titleWidth = Math.max(0, ...titleLines.map((line) => textWidth(line, 14, true)));
  const width = Math.max(tableWidth, titleWidth) + 2 * PADDING;
  const parts = titleLines.map((line, i) =>
    svgText(line, { x: 2 * PADDING, y: 24 + i * 19, fontSize: 14, bold: true }),
  );
  let y = PADDING + (titleLines.length > 0 ? titleLines.length * 19 + 6 : 0);
  rows.forEach((row, r) => {
    const height = Math.max(...row.map((lines) => lines.length)) * LINE + 8;
    if (r > 0 && r % 2 === 0) {
      parts.push(`<rect x="${PADDING}" y="${y}" width="${Math.ceil(tableWidth)}" height="${height}" fill="#F4F4F4"/>`);
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
    if (r === 0)
      parts.push(`<rect x="${PADDING}" y="${y - 1}" width="${Math.ceil(tableWidth)}" height="1" fill="#777777"/>`);
  });
  return svgDocument(parts.join(""), width, y + PADDING);
}
