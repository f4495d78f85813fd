/** What went wrong, as data, so that a test or a tool can read it. */
export interface PlotErrorDetails {
  /** What was found. */
  given: string;
  /** What would have been right. */
  expected: string;
  /** What the user can do now. */
  fix?: string | undefined;
  /** The error that led to this one. */
  cause?: unknown | undefined;
}

/** A picture cannot be drawn from what was given. The message is built from its parts. */
export class PlotError extends Error {
  readonly where: string;
  readonly given: string;
  readonly expected: string;
  readonly fix: string | undefined;

  constructor(where: string, { given, expected, fix, cause }: PlotErrorDetails) {
    const advice = fix === undefined ? "" : ` To fix it: ${fix}.`;
    super(`${where}: got ${given}; expected ${expected}.${advice}`, cause === undefined ? undefined : { cause });
    this.name = "PlotError";
    this.where = where;
    this.given = given;
    this.expected = expected;
    this.fix = fix;
  }
}
