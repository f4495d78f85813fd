import type { Result } from "./result.ts";
import type { Spread } from "./stats.ts";

/** Results as a table for the terminal: a line per case and peer. */
export function formatTable(results: readonly Result[]): string {
  const lines = results.flatMap((result) => {
    const ours = [result.name, result.unit, formatSpread(result.ours)];
    const peers = Object.entries(result.peers);
    if (peers.length === 0) return [[...ours, "", "", ""]];
    return peers.map(([peer, theirs], i) => [
      ...(i === 0 ? ours : ["", "", ""]),
      peer,
      formatSpread(theirs),
      result.ratio[peer] ? formatSpread(result.ratio[peer], "x") : "",
    ]);
  });
  return alignColumns([
    ["benchmark", "unit", "ours (min … max)", "peer", "peer's (min … max)", "times as good"],
    ...lines,
  ]);
}

/** @param suffix - written after the median */
export function formatSpread(spread: Spread | null, suffix = ""): string {
  if (spread === null) return "–";
  return `${formatNumber(spread.median)}${suffix} (${formatNumber(spread.min)} … ${formatNumber(spread.max)})`;
}

/** Three digits that count, without exponents. */
export function formatNumber(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 6));
}

export function alignColumns(rows: readonly (readonly string[])[]): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
