import { DataError } from "@layerwise/core";

/** Says that nothing can be put into a folder, and why. */
export function throwUnwritable(folder: string, cause: unknown): never {
  const { code, message } = cause as NodeJS.ErrnoException;
  const full = code === "ENOSPC" || code === "EDQUOT";
  throw new DataError("untarData", {
    given: full ? `a full disk at "${folder}"` : `"${folder}", which cannot be written to (${code ?? message})`,
    expected: "a folder with room for the file",
    fix: full ? "make room, or name another folder with LAYERWISE_HOME" : "name another folder with LAYERWISE_HOME",
    cause,
  });
}
