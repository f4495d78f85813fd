import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { jpegBinary } from "./jpegBinary.ts";
import type { Raster } from "./resample.ts";

/** The most threads that decode; more hardly help the one thread that they decode for. */
const MOST = 8;

/**
 * What a decoding thread runs. Text, so that no bundler needs to find a file: answers each path, or content of a file, with
 * its pixels, or with null if the file is not one that the kernel decodes.
 */
const workerSource = `"use strict";
const { readFileSync } = require("node:fs");
const { parentPort, workerData: { module } } = require("node:worker_threads");
const memory = new WebAssembly.Memory({ initial: 2 });
const { exports: jpeg } = new WebAssembly.Instance(module, { env: { memory } });

function makeRoom(size) {
  const missing = Math.ceil((size - memory.buffer.byteLength) / 65536);
  if (missing > 0) memory.grow(missing);
}

function decode(bytes) {
  const end = jpeg.base() + bytes.length + 64;
  makeRoom(end);
  new Uint8Array(memory.buffer).set(bytes, jpeg.base());
  if (jpeg.open(bytes.length) !== 0) return null;
  makeRoom(end + jpeg.room());
  if (jpeg.decode() !== 0) return null;
  const [width, height, channels] = [jpeg.pictureWidth(), jpeg.pictureHeight(), jpeg.channels()];
  const data = new Uint8Array(memory.buffer, jpeg.out(), width * height * channels).slice();
  return { width, height, channels, data };
}

parentPort.on("message", ({ id, file }) => {
  let raster = null;
  try {
    raster = decode(typeof file === "string" ? readFileSync(file) : file);
  } catch {}
  parentPort.postMessage({ id, raster }, raster === null ? [] : [raster.data.buffer]);
});
`;

type Answer = (raster: Raster | null) => void;

/** A thread, and the files that it was given and has not decoded yet. */
class Decoder {
  readonly waiting = new Map<number, Answer>();
  readonly #worker: Worker;
  #next = 0;

  constructor(module: WebAssembly.Module) {
    this.#worker = new Worker(workerSource, { eval: true, workerData: { module } });
    this.#worker.unref();
    this.#worker.on("message", ({ id, raster }: { id: number; raster: Raster | null }) => this.#answer(id, raster));
    this.#worker.on("error", () => this.#giveUp());
    this.#worker.on("exit", () => this.#giveUp());
  }

  decode(source: string | Uint8Array): Promise<Raster | null> {
    const id = this.#next++;
    const file = typeof source === "string" ? source : new Uint8Array(source); // a message carries all of a buffer
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.#worker.ref(); // the process stays until the answer is there
      this.#worker.postMessage({ id, file }, typeof file === "string" ? [] : [file.buffer]);
    });
  }

  #answer(id: number, raster: Raster | null): void {
    const resolve = this.waiting.get(id);
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.#worker.unref();
    resolve?.(raster);
  }

  /** A thread that died leaves its files to others. */
  #giveUp(): void {
    const at = decoders.indexOf(this);
    if (at >= 0) decoders.splice(at, 1);
    for (const id of [...this.waiting.keys()]) this.#answer(id, null);
  }
}

const decoders: Decoder[] = [];
let compiled: WebAssembly.Module | undefined;

/**
 * Decodes a JPEG file beside the main thread, to the pixels that libjpeg gives. Threads start when all are busy.
 * @returns null if it is not a plain one (progressive, of unusual sampling, very large), or damaged, or not there
 */
export async function decodeJpeg(file: string | Uint8Array): Promise<Raster | null> {
  return (await idlest()?.decode(file)) ?? null;
}

/** The thread that has the least to do; undefined where none may be started. */
function idlest(): Decoder | undefined {
  const idle = decoders.toSorted((a, b) => a.waiting.size - b.waiting.size)[0];
  if (idle?.waiting.size === 0 || decoders.length >= Math.min(MOST, availableParallelism())) return idle;
  try {
    compiled ??= new WebAssembly.Module(Uint8Array.from(atob(jpegBinary), (char) => char.charCodeAt(0)));
    const started = new Decoder(compiled);
    decoders.push(started);
    return started;
  } catch {
    return idle; // threads, or instructions that the kernel needs, are not allowed or not there
  }
}
