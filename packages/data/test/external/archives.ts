import * as zlib from "node:zlib";
import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";

/** Entry of an archive that a test makes: a file by its text, or a header with whatever is wrong in it. */
export type TestEntry = Partial<Header> & { name: string; text?: string };

export async function makeTar(entries: readonly TestEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { text = "", ...header } of entries) {
    tar.entry(header, header.type === undefined || header.type === "file" ? text : "");
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

export async function makeTgz(entries: readonly TestEntry[]): Promise<Buffer> {
  return gzipSync(await makeTar(entries));
}

/** Entry of a zip file; `mode` holds Unix's file type. */
export interface ZipTestEntry {
  name: string;
  text?: string;
  mode?: number;
  crc?: number;
}

/** A zip file without compression. */
export function makeZip(entries: readonly ZipTestEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text = "", mode = 0o100644, crc } of entries) {
    const [nameBytes, data] = [Buffer.from(name), Buffer.from(text)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc ?? checksum(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, nameBytes, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), common, tail, nameBytes);
    locals.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, list, end]);
}

function checksum(data: Buffer): number {
  const { crc32 } = zlib as { crc32?: (data: Buffer) => number };
  return crc32?.(data) ?? 0;
}

/** top/, top/a.txt ("one"), top/deep/er/b.txt ("two"), top/empty/ in a tar.bz2, by Python's `tarfile`. */
export const tarBz2: Buffer = Buffer.from(
  "QlpoOTFBWSZTWXcBCEcAANL/gMmAQABAAf+AAACBhHYD3uAIGCAAkoSo1NGgAADQAAqSkR6npMQ0MjxJtI8U1yuqt3pVVNsv62SJstkSOPj7ev" +
    "YsN448qqi4uJFBUYYZ5N1T5WiWlCML8cfAjGxqq0QsyLVCOBkwyFkQPvLEAyzBZxujlrd3602G39vLMzRof12qtH5qcDkQ/xdyRThQkHcBCEc=",
  "base64",
);

/** The same in a tar.xz. */
export const tarXz: Buffer = Buffer.from(
  "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4Cf/AJZdADobymMkBJSzSsi0WqiGS2Je1+T3fiD4gvcf+R19NTLRi8fZMKkg2iRA79dpBDgb2izH/d" +
    "6g7AhCq41U63bTK4wEyUZQv/nLxVve/Lme9E49QYUATJIKcJCveNJ6tFSuHwdDYGzPXjFCN8zZEvPmR6ZRy7QmvEXXhBN3TGVw9fd2/JCR14tG" +
    "qBDYxK49PGbSyDJ3fXoubAAAAKy1CUfpgH9vAAGyAYBQAACY19IoscRn+wIAAAAABFla",
  "base64",
);
