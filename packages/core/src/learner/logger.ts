/** A row of the results table: epoch, losses and metrics, time. */
export type LogRow = readonly (number | string | null)[];

/** Where rows go. */
export type Logger = (row: LogRow) => void;

/** Drops every row, and tells the progress bar that nobody is looking. */
export const noLogging: Logger = () => {};

/** One line per row, numbers with six decimals. */
export const printRow: Logger = (row) => {
  const text = (cell: LogRow[number]): string =>
    typeof cell === "number" && !Number.isInteger(cell) ? cell.toFixed(6) : String(cell ?? "");
  console.log(row.map(text).join("  "));
};
