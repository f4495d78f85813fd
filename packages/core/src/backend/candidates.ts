import { createRequire } from "node:module";
import util from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { registerTensorflowKernels, type TensorflowBackend } from "./tensorflow.ts";
import { wantedThreads } from "./wantedThreads.ts";

/** Backends by the name that users know them by. */
export const backendNames = ["tfjs-node-gpu", "tfjs-node", "native", "wasm", "cpu", "webgpu"] as const;
export type BackendName = (typeof backendNames)[number];

/** A backend that has been loaded but not chosen yet. */
export interface LoadedBackend {
  /** tfjs' name for it. */
  readonly backendName: string;
  /** One line: backend, device, version. */
  readonly describe: () => string;
}

/** How one backend is loaded, and what to tell the user about it. */
export interface Candidate {
  /** Loads it; `wanted` is true if the user named it. Throws if it cannot be used. */
  readonly load: (wanted: boolean) => Promise<LoadedBackend>;
  /** What makes it work, for an error. */
  readonly fix: string;
  /** The package whose tfjs-core must be ours. */
  readonly packageName?: string;
  /** Printed when it is picked for want of a better one. */
  readonly advice?: string;
}

export const candidates: Readonly<Record<BackendName, Candidate>> = {
  "tfjs-node-gpu": tensorflow("@tensorflow/tfjs-node-gpu"),
  "tfjs-node": tensorflow("@tensorflow/tfjs-node"),
  native: {
    load: async () => {
      const threads = wantedThreads();
      const { backendName, describe, setThreads } = (await importOptional("@layerwise/native")) as NativePackage;
      if (threads !== undefined) setThreads(threads);
      return { backendName, describe };
    },
    fix: "npm install @layerwise/native, which comes built for common machines and else needs a C++17 compiler",
    packageName: "@layerwise/native",
  },
  wasm: {
    load: async () => {
      const { registerWasm } = await import("./wasm/index.ts");
      const { relaxed, threads } = await registerWasm();
      const count = threads === undefined ? "one thread" : `${threads.count} threads`;
      const { version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
      return {
        backendName: "wasm",
        describe: () => `wasm (CPU, ${count}, ${relaxed ? "relaxed SIMD" : "SIMD"}), tfjs ${version_wasm}`,
      };
    },
    fix: "npm install @tensorflow/tfjs-backend-wasm",
    packageName: "@tensorflow/tfjs-backend-wasm",
  },
  cpu: {
    load: async () => {
      const { version_cpu } = await import("@tensorflow/tfjs-backend-cpu");
      silenceGreeting();
      return { backendName: "cpu", describe: () => `cpu (plain JS), tfjs ${version_cpu}` };
    },
    fix: "npm install @tensorflow/tfjs-backend-cpu",
    packageName: "@tensorflow/tfjs-backend-cpu",
    advice: "Plain JS is slow: `npm install @layerwise/native` brings kernels in C++.",
  },
  webgpu: {
    load: async () => {
      const { create, globals } = (await importOptional("webgpu")) as WebgpuPackage;
      Object.assign(globalThis, globals);
      const gpu = create([]);
      if (navigatorOf().gpu === undefined)
        Object.defineProperty(navigatorOf(), "gpu", { value: gpu, configurable: true });
      if ((await gpu.requestAdapter()) === null) throw new Error("no graphics adapter was found");
      await importOptional("@tensorflow/tfjs-backend-webgpu");
      return { backendName: "webgpu", describe: () => `webgpu (GPU), tfjs ${tf.version_core}` };
    },
    fix: "npm install @tensorflow/tfjs-backend-webgpu webgpu, on a machine with a Vulkan, Metal or D3D12 driver",
    packageName: "@tensorflow/tfjs-backend-webgpu",
  },
};

interface NativePackage extends LoadedBackend {
  setThreads(count: number): void;
}

interface WebgpuPackage {
  create(options: string[]): { requestAdapter(): Promise<object | null> };
  globals: object;
}

interface TfjsNode {
  version?: Record<string, string>;
}

/** TensorFlow's own kernels, by one of its two packages. */
function tensorflow(packageName: string): Candidate {
  return {
    load: async (wanted) => {
      // the last release of tfjs-node calls this function, which Node 23 removed
      const legacy = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean };
      legacy.isNullOrUndefined ??= (value) => value === undefined || value === null;
      const loaded = (await importOptional(packageName)) as TfjsNode;
      silenceGreeting();
      const backend = tf.findBackend("tensorflow") as TensorflowBackend;
      const onGpu = backend.isUsingGpuDevice === true;
      if (wanted && backend.isGPUPackage === true && !onGpu) throw new Error("TensorFlow found no GPU");
      registerTensorflowKernels(backend);
      const version = loaded.version?.["tfjs-node"] ?? loaded.version?.tfjs ?? "";
      return {
        backendName: "tensorflow",
        describe: () =>
          `${packageName} (${onGpu ? "GPU" : "CPU"}) ${version}, TensorFlow ${backend.binding.TF_Version}`,
      };
    },
    fix: `npm install ${packageName}, which downloads TensorFlow (docs/tensorflow-for-node.md does it without)`,
    packageName,
  };
}

/** The package of a backend is not there, as most are not; that is nothing to tell. */
export class NotInstalledError extends Error {}

/** Imports a package that may not be there. CommonJS packages come as their exports. */
async function importOptional(packageName: string): Promise<object> {
  const path = resolved(packageName);
  const loaded = (await import(/* @vite-ignore */ path)) as { default?: object };
  return loaded.default ?? loaded;
}

function resolved(packageName: string): string {
  try {
    return createRequire(import.meta.url).resolve(packageName);
  } catch (cause) {
    throw new NotInstalledError(`${packageName} is not installed`, { cause });
  }
}

/** tfjs' plain-JS backend greets Node users with advice that ours replaces. */
function silenceGreeting(): void {
  const cpu = tf.findBackend("cpu") as unknown as { firstUse?: boolean } | null;
  if (cpu !== null) cpu.firstUse = false;
}

function navigatorOf(): { gpu?: unknown } {
  const scope = globalThis as { navigator?: object };
  scope.navigator ??= {};
  return scope.navigator as { gpu?: unknown };
}
