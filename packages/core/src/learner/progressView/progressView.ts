/** A cell of the results table. */
export type Cell = number | string | null;

/** Where a running pass is. */
export interface PassPlace {
  /** "train" or "valid", with the epoch: `epoch 1/5 train`. */
  label: string;
  /** Batches done. */
  done: number;
  total: number;
  /** Seconds since the pass began. */
  elapsed: number;
  comment: string;
}

/** Draws the progress of one fit somewhere. */
export interface ProgressView {
  header(names: readonly string[]): void;
  row(cells: readonly Cell[]): void;
  /** Called at most a few times a second. */
  update(place: PassPlace): void;
  /** The pass is over; its bar goes away. */
  endPass(): void;
  /** The fit is over, however it ended; leaves the terminal as it was. */
  end(): void;
}

/** Seconds that the rest of a pass will take at the pace so far. */
export function secondsLeft({ done, total, elapsed }: PassPlace): number {
  return done === 0 ? Number.NaN : (elapsed / done) * (total - done);
}

/** Numbers with six decimals, whole ones as they are. */
export function formatCell(cell: Cell, name: string): string {
  if (cell === null) return "";
  if (typeof cell === "string" || name === "epoch") return String(cell);
  return cell.toFixed(6);
}
