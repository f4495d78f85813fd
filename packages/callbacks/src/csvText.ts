/** A cell as it is written; a text that a spreadsheet would run as a formula gets an apostrophe first. */
export function csvCell(value: number | string | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^'*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What `csvCell` wrote: numbers as numbers, nothing as `null`. */
export function readCell(text: string): number | string | null {
  if (text === "") return null;
  if (/^'+[=+\-@\t\r]/.test(text)) return text.slice(1);
  const isNumber = /^-?(\d+(\.\d+)?(e[+-]?\d+)?|Infinity)$|^NaN$/.test(text);
  return isNumber ? Number(text) : text;
}

/** Rows of cells as texts, quotes undone. An unfinished last row, of a process that was killed, is left out. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (isQuoted) {
      if (c !== '"') cell += c;
      else if (text.charAt(i + 1) === '"') {
        cell += c;
        i += 1;
      } else isQuoted = false;
    } else if (c === '"') isQuoted = true;
    else if (c === "," || c === "\n") {
      row.push(cell);
      cell = "";
      if (c === ",") continue;
      rows.push(row);
      row = [];
    } else if (c !== "\r") cell += c;
  }
  return rows;
}
