import { checkOptions } from "@layerwise/core";
import { Column } from "../table/column.ts";
import { Table, type TableLike } from "../table/table.ts";
import { dateColumn } from "./makeDate.ts";

const DAY = 86_400_000;

export interface AddDatepartOptions {
  /** What the new names start with. @defaultValue the column's name without "Date" or "date" at its end */
  prefix?: string;
  /** Removes the column of dates. @defaultValue true */
  drop?: boolean;
  /** Adds hour, minute and second. @defaultValue false */
  time?: boolean;
}

/** The calendar's view of a moment. */
interface DateParts {
  year: number;
  month: number;
  day: number;
  /** From 1. */
  dayOfYear: number;
  /** Monday is 0. */
  dayOfWeek: number;
  monthLength: number;
}

const numeric: Readonly<Record<string, (parts: DateParts) => number>> = {
  Year: ({ year }) => year,
  Month: ({ month }) => month,
  Week: isoWeek,
  Day: ({ day }) => day,
  Dayofweek: ({ dayOfWeek }) => dayOfWeek,
  Dayofyear: ({ dayOfYear }) => dayOfYear,
};

const flags: Readonly<Record<string, (parts: DateParts) => boolean>> = {
  Is_month_end: ({ day, monthLength }) => day === monthLength,
  Is_month_start: ({ day }) => day === 1,
  Is_quarter_end: ({ day, month, monthLength }) => day === monthLength && month % 3 === 0,
  Is_quarter_start: ({ day, month }) => day === 1 && month % 3 === 1,
  Is_year_end: ({ day, month }) => day === 31 && month === 12,
  Is_year_start: ({ day, month }) => day === 1 && month === 1,
};

const times: Readonly<Record<string, (ms: number) => number>> = {
  Hour: (ms) => modulo(Math.floor(ms / 3_600_000), 24),
  Minute: (ms) => modulo(Math.floor(ms / 60_000), 60),
  Second: (ms) => modulo(Math.floor(ms / 1000), 60),
};

/**
 * Takes a column of dates apart into what a model can learn from: year, month, ISO week, day, day of the week and of the
 * year, flags for the ends of months, quarters and years, and the seconds since 1970 (`Elapsed`).
 * Where the date is missing, numbers are missing and flags are false.
 * @throws {@link DataError} if there is no such column, or it holds something that is no date
 */
export function addDatepart(source: TableLike, name: string, options: AddDatepartOptions = {}): Table {
  checkOptions("addDatepart", options, { prefix: true, drop: true, time: true });
  const { prefix = name.replace(/[Dd]ate$/, ""), drop = true, time = false } = options;
  const table = Table.from(source);
  const moments = dateColumn(table.column(name), name).values;
  const parts = Array.from(moments, (ms) => (Number.isNaN(ms) ? null : partsOf(ms)));
  const numbers = (value: (i: number) => number): Column =>
    Column.ofNumbers(Float64Array.from(moments, (_, i) => value(i)));
  let result = drop ? table.drop([name]) : table.with(name, dateColumn(table.column(name), name));
  for (const [attribute, value] of Object.entries(numeric)) {
    result = result.with(
      `${prefix}${attribute}`,
      numbers((i) => (parts[i] ? value(parts[i]) : Number.NaN)),
    );
  }
  for (const [attribute, value] of Object.entries(flags)) {
    const column = new Column(
      "bool",
      Uint8Array.from(parts, (part) => (part && value(part) ? 1 : 0)),
    );
    result = result.with(`${prefix}${attribute}`, column);
  }
  if (time) {
    for (const [attribute, value] of Object.entries(times)) {
      result = result.with(
        `${prefix}${attribute}`,
        numbers((i) => value(moments[i]!)),
      );
    }
  }
  return result.with(
    `${prefix}Elapsed`,
    numbers((i) => Math.floor(moments[i]! / 1000)),
  );
}

function partsOf(ms: number): DateParts {
  const date = new Date(ms);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const days = Math.floor(ms / DAY);
  return {
    year,
    month: month + 1,
    day: date.getUTCDate(),
    dayOfYear: days - dayNumber(year, 0, 1) + 1,
    dayOfWeek: modulo(days + 3, 7), // 1 January 1970 was a Thursday
    monthLength: dayNumber(year, month + 1, 1) - dayNumber(year, month, 1),
  };
}

/** Days from 1970 to a date; years below 100 are meant as they are written. */
function dayNumber(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day) / DAY;
}

/** ISO 8601: the week of a day is the one of its Thursday, counted in the Thursday's year. */
function isoWeek({ year, dayOfYear, dayOfWeek }: DateParts): number {
  const thursday = new Date(0).setUTCFullYear(year, 0, dayOfYear - dayOfWeek + 3);
  const firstDay = dayNumber(new Date(thursday).getUTCFullYear(), 0, 1);
  return Math.floor((thursday / DAY - firstDay) / 7) + 1;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
