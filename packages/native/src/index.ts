import { level, threads } from "./addon.ts";
import { register } from "./register.ts";

export { setThreads, threads } from "./addon.ts";
export { backendName } from "./register.ts";

/** One line: device, instruction set, threads. */
export function describe(): string {
  const names = { avx512: "AVX-512", avx2: "AVX2", base: process.arch === "arm64" ? "NEON" : "SSE2" };
  const count = threads();
  return `native (CPU, ${count === 1 ? "one thread" : `${count} threads`}, ${names[level]})`;
}

register();
