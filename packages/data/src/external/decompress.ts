import { Readable, type Transform } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { createGunzip } from "node:zlib";

/** How a tar file is compressed. */
export type Compression = "gzip" | "bzip2" | "xz" | "none";

const magic: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["bzip2", [0x42, 0x5a, 0x68]], // "BZh"
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** Compression by the first bytes of a file. */
export function compressionOf(start: Uint8Array): Compression {
  return magic.find(([, bytes]) => bytes.every((byte, i) => start[i] === byte))?.[0] ?? "none";
}

/** The bytes of `source` without their compression, as they come; an error of either ends the stream with it. */
export async function decompress(source: Readable, compression: Compression): Promise<Readable> {
  if (compression === "none") return source;
  if (compression === "xz") {
    const { XzReadableStream } = (await import("xz-decompress")).default;
    const packed = Readable.toWeb(source) as unknown as globalThis.ReadableStream<Uint8Array>;
    return Readable.fromWeb(new XzReadableStream(packed) as unknown as ReadableStream);
  }
  const unpack = compression === "gzip" ? createGunzip({ chunkSize: 2 ** 18 }) : await bunzip();
  source.on("error", (error) => unpack.destroy(error));
  return source.pipe(unpack);
}

/** `unbzip2-stream` makes a stream of the oldest kind; what comes out of it here is of today's. */
async function bunzip(): Promise<Transform> {
  const { default: unbzip2 } = await import("unbzip2-stream");
  return unbzip2() as Transform;
}
