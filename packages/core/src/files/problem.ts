import { type FileHandle, open } from "node:fs/promises";
import { DataError, FileFormatError } from "../errors.ts";

/** What is wrong with the file at `path`, as an error. */
export function problemIn(
  path: string,
  given: string,
  expected: string,
  cause?: unknown,
  fix?: string,
): FileFormatError {
  const advice = fix ?? "write or download the file again";
  return new FileFormatError(path, { given, expected, fix: advice, ...(cause === undefined ? {} : { cause }) });
}

/** An open file that closes with its scope. @throws {@link DataError} if it cannot be opened */
export async function openForReading(path: string): Promise<AsyncDisposable & { handle: FileHandle }> {
  try {
    const handle = await open(path, "r");
    return { handle, [Symbol.asyncDispose]: () => handle.close() };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new DataError(path, {
      given: code === "ENOENT" ? "a path where there is no file" : message,
      expected: "a file that can be read",
      fix: "check the path, and that this user may read it",
      cause,
    });
  }
}
