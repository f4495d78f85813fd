import type { EventEmitter } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { wasmBinary } from "./binary.ts";
import { shareMemory } from "./sharedMemory.ts";
import { Threads, threadCount } from "./threads.ts";

/** Our kernels in WebAssembly; pointers are byte offsets into the memory shared with tfjs' module. See `wasm/`. */
export interface WasmKernels {
  gatherScratch(taps: number, channels: number): number;
  samplesScratch(taps: number, channels: number, columns: number): number;
  unfoldScratch(taps: number, channels: number): number;
  readonly [name: string]: (...numbers: number[]) => number;
}

/** tfjs' WebAssembly backend together with our kernels on its memory. */
export interface WasmContext {
  readonly backend: BackendWasm;
  readonly kernels: WasmKernels;
  readonly memory: WebAssembly.Memory;
  /** Whether multiply-adds are one instruction. */
  readonly relaxed: boolean;
  /** Absent where one thread does everything. */
  readonly threads?: Threads;
}

/**
 * Starts tfjs' WebAssembly module in a way that lets our kernels share its memory.
 * @param threads - how many threads share the work of a kernel
 * @param leastWork - the least multiply-adds that are shared: for fewer, waking a thread takes too long
 */
export async function startWasm(threads = threadCount(), leastWork = 2 ** 22): Promise<WasmContext> {
  if (threads > 1 && typeof SharedArrayBuffer === "function") {
    try {
      return await start(threads, leastWork);
    } catch {
      // an engine or a system that has no shared memory: one thread will do
    }
  }
  return start(1, leastWork);
}

async function start(count: number, leastWork: number): Promise<WasmContext> {
  const prepare = count > 1 ? shareMemory : (bytes: Uint8Array<ArrayBuffer>) => bytes;
  const { BackendWasm } = await import("@tensorflow/tfjs-backend-wasm");
  const require = createRequire(import.meta.url);
  const folder = "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm";
  const factory = require(`${folder}.js`) as EmscriptenFactory;
  const binary = Uint8Array.from(await readFile(require.resolve(`${folder}-simd.wasm`)));
  let memory: WebAssembly.Memory | undefined;
  const emscripten = await withoutListeners(() =>
    factory({
      instantiateWasm(imports, receive) {
        const module = new WebAssembly.Module(prepare(binary));
        const instance = new WebAssembly.Instance(module, imports);
        memory = instance.exports.memory as WebAssembly.Memory;
        return receive(instance, module) ?? instance.exports;
      },
    }),
  );
  emscripten.tfjs = bookkeeping(emscripten.cwrap);
  const backend = new BackendWasm(emscripten as never);
  const { bytes, relaxed } = chooseBinary();
  const module = await WebAssembly.compile(prepare(bytes));
  const instance = await WebAssembly.instantiate(module, { env: { memory: memory! } });
  const kernels = instance.exports as unknown as WasmKernels;
  const context = { backend, kernels, memory: memory!, relaxed };
  return count > 1 ? { ...context, threads: new Threads(count, leastWork, kernels, module, memory!) } : context;
}

/**
 * Runs `call` and takes back the listeners that it adds to the process. tfjs' module throws every uncaught error again
 * from its one line of source, which Node then prints in full above the error; without it Node prints the user's line.
 */
function withoutListeners<T>(call: () => T): T {
  const events: EventEmitter = process;
  const names = ["uncaughtException", "unhandledRejection"];
  const before = names.map((name) => events.listeners(name));
  try {
    return call();
  } finally {
    for (const [i, name] of names.entries()) {
      const added = events.listeners(name).filter((listener) => !before[i]!.includes(listener));
      for (const listener of added) events.off(name, listener as () => void);
    }
  }
}

/** Memory for a kernel's own use, kept between calls; the next call overwrites it. */
export function scratch(context: WasmContext, bytes: number): number {
  const wasm = context.backend.wasm as unknown as EmscriptenModule;
  const held = arenas.get(context);
  if (held !== undefined && held.bytes >= bytes) return held.offset;
  if (held !== undefined) wasm._free(held.offset);
  const size = Math.max(2 * (held?.bytes ?? 0), bytes, 1 << 16);
  const offset = wasm._malloc(size) >>> 0;
  arenas.set(context, { offset, bytes: size });
  return offset;
}

const arenas = new WeakMap<WasmContext, { offset: number; bytes: number }>();

/** Where the numbers of a tensor lie. */
export function pointer({ backend }: WasmContext, { dataId }: tf.TensorInfo): number {
  return backend.getMemoryOffset(dataId);
}

/** A new tensor, not yet filled. */
export function output({ backend }: WasmContext, shape: number[], dtype: tf.DataType = "float32"): tf.TensorInfo {
  return backend.makeOutput(shape, dtype);
}

/** A new tensor of zeros. */
export function zeros(context: WasmContext, shape: number[]): tf.TensorInfo {
  const made = output(context, shape);
  new Float32Array(context.memory.buffer, pointer(context, made), tf.util.sizeFromShape(shape)).fill(0);
  return made;
}

type Cwrap = (name: string, returns: string | null, takes: string[]) => (...numbers: number[]) => number;
interface EmscriptenModule {
  cwrap: Cwrap;
  _malloc(bytes: number): number;
  _free(offset: number): void;
  tfjs?: Record<string, (...numbers: number[]) => number>;
}
type EmscriptenFactory = (config: {
  instantiateWasm(
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => object | undefined,
  ): object;
}) => Promise<EmscriptenModule>;

/** The calls that tfjs' backend class expects on its module. */
function bookkeeping(cwrap: Cwrap): Record<string, (...numbers: number[]) => number> {
  return {
    init: cwrap("init", null, []),
    initWithThreadsCount: cwrap("init_with_threads_count", null, ["number"]),
    getThreadsCount: cwrap("get_threads_count", "number", []),
    registerTensor: cwrap("register_tensor", null, ["number", "number", "number"]),
    disposeData: cwrap("dispose_data", null, ["number"]),
    dispose: cwrap("dispose", null, []),
  };
}

/** Relaxed SIMD is on by default from Node 22 on; Node 20 has it behind a flag. */
function chooseBinary(): { bytes: Uint8Array<ArrayBuffer>; relaxed: boolean } {
  const relaxed = decode(wasmBinary.relaxed);
  if (WebAssembly.validate(relaxed)) return { bytes: relaxed, relaxed: true };
  try {
    setFlagsFromString("--experimental-wasm-relaxed-simd");
  } catch {
    // not an engine of Google's: the plain variant will do
  }
  if (WebAssembly.validate(relaxed)) return { bytes: relaxed, relaxed: true };
  return { bytes: decode(wasmBinary.plain), relaxed: false };
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(base64, "base64"));
}
