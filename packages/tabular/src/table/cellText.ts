import type { Value } from "./column.ts";

/** A value for a table on paper: dates as ISO text, midnight without the time. */
export function cellText(value: Value | undefined): string | number | boolean | null {
  if (value === undefined || value === null) return null;
  if (!(value instanceof Date)) return value;
  return value.toISOString().replace(/(T00:00:00)?\.000Z$/, "");
}
