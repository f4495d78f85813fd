import { FileFormatError } from "../errors.ts";
import type { Position } from "./checkpoint.ts";

/** A position as a file has it; the optimizer's state is read apart. */
export type SavedPosition = Omit<Position, "optimizer">;

/**
 * The position in a checkpoint, every part of it checked: the file may be damaged, or not from us.
 * @throws {@link FileFormatError} naming the first part that is wrong
 */
export function readPosition(path: string, extra: unknown): SavedPosition {
  const given = isRecord(extra) ? extra : {};
  const wrong = Object.entries(parts).find(([name, fits]) => !fits(given[name]));
  if (wrong !== undefined) {
    throw new FileFormatError(path, {
      given: `a checkpoint without a proper "${wrong[0]}"`,
      expected: "a file of `CheckpointCallback`, as it was written",
      fix: "resume from another checkpoint, or start the fit anew",
    });
  }
  const position = given as unknown as SavedPosition;
  const { recorder } = position;
  return recorder === null ? position : { ...position, recorder: withNaN(recorder) };
}

type Check = (value: unknown) => boolean;

const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber: Check = (value) => typeof value === "number";
/** JSON has no NaN and no infinity: they come back as `null`. */
const isLoose: Check = (value) => value === null || isNumber(value);
const listOf =
  (fits: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(fits);
const recordOf =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([name, fits]) => fits(value[name]));

const isRecorder = recordOf({
  lrs: listOf(isLoose),
  losses: listOf(isLoose),
  iters: listOf(isCount),
  values: listOf(listOf(isLoose)),
  smooth: recordOf({ value: isLoose, count: isCount }),
});

const parts: Readonly<Record<string, Check>> = {
  fitCount: isCount,
  nEpoch: isCount,
  epoch: isCount,
  batch: isCount,
  passSeed: (value) => value === null || isCount(value),
  trainIter: isCount,
  pctTrain: isNumber,
  random: recordOf({ words: listOf(isCount), index: isCount, spare: isLoose }),
  recorder: (value) => value === null || isRecorder(value),
  callbacks: listOf((value) => isRecord(value) && typeof value.name === "string"),
};

function withNaN(recorder: NonNullable<SavedPosition["recorder"]>): NonNullable<SavedPosition["recorder"]> {
  const { lrs, losses, smooth } = recorder;
  const numbers = (values: readonly (number | null)[]): number[] => values.map((value) => value ?? Number.NaN);
  const [value = Number.NaN] = numbers([smooth.value]);
  return { ...recorder, lrs: numbers(lrs), losses: numbers(losses), smooth: { ...smooth, value } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
