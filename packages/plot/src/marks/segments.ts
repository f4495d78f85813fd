/** One named line of a line chart. */
export interface Series {
  name: string;
  /** Defaults to 0, 1, 2, … */
  x?: readonly number[] | undefined;
  /** A value that is not finite leaves a gap. */
  y: readonly number[];
  /** Whether to draw a dot at every value as well. Defaults to false. */
  points?: boolean | undefined;
}

export type AxisScale = "linear" | "log";

/** A dot of a series as Vega-Lite draws it; dots of one segment are joined. */
export interface SegmentPoint {
  series: string;
  segment: string;
  x: number;
  y: number;
  /** Whether the dot is drawn by itself too: it was asked for, or it has no neighbor to be joined to. */
  dot: boolean;
}

const MAX_POINTS = 2000;

/** Cuts a series at its gaps (NaN, infinity, and zero or less on a log axis) and thins it to what a screen can show. */
export function toSegments(
  { name, x, y, points = false }: Series,
  xScale: AxisScale,
  yScale: AxisScale,
): SegmentPoint[] {
  const usable = (value: number, scale: AxisScale) => Number.isFinite(value) && (scale === "linear" || value > 0);
  const runs: Array<Array<{ x: number; y: number }>> = [[]];
  for (let i = 0; i < y.length; i++) {
    const point = { x: x === undefined ? i : x[i]!, y: y[i]! };
    if (usable(point.x, xScale) && usable(point.y, yScale)) runs.at(-1)!.push(point);
    else if (runs.at(-1)!.length > 0) runs.push([]);
  }
  return runs.flatMap((run, i) => {
    const dot = points || run.length === 1;
    return thin(run, MAX_POINTS).map((point) => ({ series: name, segment: `${name} ${i}`, ...point, dot }));
  });
}

/** At most about `limit` points that keep the outline: of each stretch the first, lowest, highest and last. */
export function thin<P extends { y: number }>(points: readonly P[], limit: number): readonly P[] {
  if (points.length <= limit) return points;
  const stretch = Math.ceil((points.length * 4) / limit);
  const kept: P[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const end = Math.min(points.length, start + stretch);
    let [low, high] = [start, start];
    for (let i = start; i < end; i++) {
      if (points[i]!.y < points[low]!.y) low = i;
      if (points[i]!.y > points[high]!.y) high = i;
    }
    const indices = [...new Set([start, low, high, end - 1])].sort((a, b) => a - b);
    for (const i of indices) kept.push(points[i]!);
  }
  return kept;
}
