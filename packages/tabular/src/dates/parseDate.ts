/** Milliseconds since 1970 of a date as text; NaN if it is none. Without a time zone it counts as UTC. */
export function parseDate(text: string): number {
  const trimmed = text.trim();
  const iso = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?)?$/;
  const compact = /^(\d{4})(\d{2})(\d{2})$/;
  const us = american.exec(trimmed);
  if (us) return utc(us[3]!, us[1]!, us[2]!, us.slice(4));
  const found = iso.exec(trimmed) ?? compact.exec(trimmed);
  if (found) return utc(found[1]!, found[2]!, found[3]!, found.slice(4)) - offset(found[8]);
  return /[a-z]{3}/i.test(trimmed) && /\d{4}/.test(trimmed) ? spelledOut(trimmed) : Number.NaN;
}

function utc(year: string, month: string, day: string, time: (string | undefined)[]): number {
  const [hour = "0", minute = "0", second = "0", fraction = "0"] = time;
  const [m, d, h, min, s] = [+month, +day, +hour, +minute, +second];
  const date = new Date(0);
  date.setUTCFullYear(+year, m - 1, d);
  if (date.getUTCMonth() !== m - 1 || date.getUTCDate() !== d || h > 23 || min > 59 || s > 59) return Number.NaN;
  return date.getTime() + ((h * 60 + min) * 60 + s) * 1000 + Math.floor(+fraction * 1000);
}

/** Milliseconds east of Greenwich. */
function offset(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const minutes = +zone.slice(1, 3) * 60 + +zone.slice(-2);
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

/** "4 Dec 2019", "December 4, 2019 13:45": the engine reads them in local time, whose wall clock is taken as UTC. */
function spelledOut(text: string): number {
  const local = new Date(text);
  if (/(GMT|UTC|Z|[+-]\d{2}:?\d{2})$/i.test(text)) return local.getTime();
  return local.getTime() - local.getTimezoneOffset() * 60_000;
}
