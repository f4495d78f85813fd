import { fmtShape, LayerwiseError } from "../errors.ts";

/** A model was about to take more memory than the weights that it is built for. */
export class NoRoomError extends LayerwiseError {}

interface Owned {
  readonly value: { readonly isDisposed: boolean };
  readonly size: number;
  dispose(): void;
}

interface Room {
  readonly limit: number;
  taken: number;
  readonly made: Owned[];
}

let room: Room | null = null;

/**
 * Builds a model that a file describes, with room for `limit` numbers: a file may ask for any size. A build that
 * fails leaves no tensors, wherever it stopped.
 * @throws {@link NoRoomError} before memory is taken for a tensor that is too large, or when all together are
 */
export function withinRoom<T>(limit: number, build: () => T): T {
  const before = room;
  const here: Room = { limit, taken: 0, made: [] };
  room = here;
  try {
    return build();
  } catch (error) {
    for (const owned of here.made) if (!owned.value.isDisposed) owned.dispose();
    throw error;
  } finally {
    room = before;
  }
}

/** Call it before memory is taken for a tensor of a model. */
export function checkRoom(shape: readonly number[]): void {
  if (room === null) return;
  const size = shape.reduce((product, n) => product * n, 1);
  if (size > room.limit) throw noRoom(`a weight ${fmtShape(shape)}`, room.limit);
}

/** Counts a parameter or buffer that was made. */
export function takeRoom(owned: Owned): void {
  if (room === null) return;
  room.made.push(owned);
  room.taken += owned.size;
  if (room.taken > room.limit)
    throw noRoom(`${room.made.length} weights of ${room.taken} numbers and more`, room.limit);
}

function noRoom(given: string, limit: number): NoRoomError {
  return new NoRoomError("core/nn", {
    given: `a model with ${given}`,
    expected: `${limit} numbers at most, by the weights that it is built for`,
  });
}
