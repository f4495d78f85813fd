import { DataError } from "@layerwise/core";
import { Column } from "../table/column.ts";
import { Table, type TableLike } from "../table/table.ts";
import { parseDate } from "./parseDate.ts";

/**
 * Makes dates of a column of text (`2019-12-04`, `12/4/2019`, `2019-12-04T13:45:10Z`, `4 Dec 2019`), unless it is of
 * dates already. Whole numbers are years, or days such as 20191204.
 * @throws {@link DataError} for a value that is no date, with its row
 */
export function makeDate(source: TableLike, name: string): Table {
  const table = Table.from(source);
  return table.with(name, dateColumn(table.column(name), name));
}

/** A column as dates. */
export function dateColumn(column: Column, name: string): Column {
  if (column.type === "date") return column;
  if (column.isCoded) {
    const parsed = column.categories.map((text) => parseDate(String(text)));
    const values = Float64Array.from(column.values, (code) => (code < 0 ? Number.NaN : parsed[code]!));
    const bad = values.findIndex((value, i) => Number.isNaN(value) && !column.isMissing(i));
    if (bad >= 0) throw notDate(JSON.stringify(column.get(bad)), name, bad);
    return new Column("date", values);
  }
  const moments = Float64Array.from(column.toNumbers(name), (value) =>
    Number.isNaN(value) ? value : dateOfNumber(value),
  );
  const bad = moments.findIndex(
    (moment, i) => (Number.isNaN(moment) && !column.isMissing(i)) || column.type === "bool",
  );
  if (bad >= 0) throw notDate(String(column.get(bad)), name, bad);
  return new Column("date", moments);
}

/** 2019 is a year, 20191204 a day. */
function dateOfNumber(value: number): number {
  const digits = String(value);
  if (/^\d{8}$/.test(digits)) return parseDate(digits);
  return /^\d{1,4}$/.test(digits) ? parseDate(`${digits.padStart(4, "0")}-01-01`) : Number.NaN;
}

function notDate(value: string, name: string, row: number): DataError {
  return new DataError("makeDate", {
    given: `${value} in the column "${name}", row ${row}`,
    expected: 'a date such as "2019-12-04", "2019-12-04 13:45:10" or "12/4/2019" (month first)',
    fix: "rewrite the column in one of these forms, or leave unreadable values empty",
  });
}
