import { statSync } from "node:fs";
import { DataError } from "@layerwise/core";

/** Throws what is wrong with a picture file, by name. */
export function unreadable(file: string | Uint8Array | ArrayBuffer, cause: unknown): never {
  if (cause instanceof DataError) throw cause;
  const name = typeof file === "string" ? `"${file}"` : `${file.byteLength} bytes`;
  throw new DataError("image", {
    given: `${name}, which cannot be read: ${reason(file, cause)}`,
    expected: "a JPEG, PNG, WebP, AVIF, GIF, TIFF or SVG picture",
    fix: "find such files with `verifyImages`; remove them, or leave them out in `getItems`",
    cause,
  });
}

function reason(file: string | Uint8Array | ArrayBuffer, cause: unknown): string {
  if (typeof file === "string") {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return "it does not exist";
    if (found.isDirectory()) return "it is a folder";
    if (found.size === 0) return "it is empty";
  }
  const [first = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
  return first.replace(/^Input (buffer|file)/, "it").replace(/\.$/, "");
}
