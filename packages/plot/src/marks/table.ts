import { Figure } from "../figure.ts";
import { PlotError } from "../plotError.ts";
import { cleanText, escapeXml } from "../text/escape.ts";
import { columnWidth } from "../text/textWidth.ts";
import { formatNumber } from "./chartText.ts";
import { drawTable } from "./drawTable.ts";

export type TableValue = string | number | boolean | null | undefined;

export interface TableOptions {
  columns: readonly string[];
  /** As many values in each row as there are columns. */
  rows: ReadonlyArray<readonly TableValue[]>;
  title?: string | undefined;
}

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
  const draw = () => drawTable({ ...options, rows: rows.map((row) => row.map(cellText)) }, numericColumns(options));
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
  const widths = options.columns.map((_, i) => lines.reduce((most, line) => Math.max(most, columnWidth(line[i]!)), 0));
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
