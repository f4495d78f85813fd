/** What went wrong, as data, so that a test or a tool can read it. */
export interface ErrorDetails {
  /** What was found, with its value or shape. */
  given: string;
  /** What would have been right. */
  expected: string;
  /** What the user can do now. */
  fix?: string;
  /** The error that led to this one. */
  cause?: unknown;
}

/** Base of every error that layerwise throws on purpose. The message is built from its parts. */
export class LayerwiseError extends Error {
  readonly where: string;
  readonly given: string;
  readonly expected: string;
  readonly fix: string | undefined;

  constructor(where: string, { given, expected, fix, cause }: ErrorDetails) {
    const advice = fix === undefined ? "" : ` To fix it: ${fix}.`;
    super(`${where}: got ${given}; expected ${expected}.${advice}`, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.where = where;
    this.given = given;
    this.expected = expected;
    this.fix = fix;
  }
}

/** A tensor has the wrong shape or dtype. */
export class ShapeError extends LayerwiseError {}
/** An option or argument has a value outside what is allowed. */
export class OptionError extends LayerwiseError {}
/** The user's data cannot be used as it is (an unreadable file, an unknown label, an empty set). */
export class DataError extends LayerwiseError {}
/** A saved file (weights, checkpoint, exported learner, archive) is damaged, foreign or hostile. */
export class FileFormatError extends LayerwiseError {}
/** A call came at a time when it cannot be answered (no optimizer yet, nothing trained, already disposed). */
export class StateError extends LayerwiseError {}

/** `[32, 28, 28, 1]`, for messages. */
export function fmtShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
