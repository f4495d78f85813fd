import type { FileHandle } from "node:fs/promises";

/** One read call takes at most this much; Node's limit is 2 GiB. */
const CHUNK = 2 ** 30;

/** `length` bytes from `position` on, or undefined if the file ends before. The caller has checked `length`. */
export async function readAt(file: FileHandle, position: number, length: number): Promise<ArrayBuffer | undefined> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(CHUNK, length - done), position + done);
    if (bytesRead === 0) return undefined;
    done += bytesRead;
  }
  return bytes.buffer;
}
