import { beforeAll, expect } from "vitest";
import { useBackend } from "../packages/core/src/backend/index.ts";
import { type AllcloseMatchers, allcloseMatchers } from "../packages/core/src/testing/allclose.ts";

declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: vitest declares it so, and merging asks for the same
  interface Matchers<T = any> extends AllcloseMatchers<T> {}
}

expect.extend(allcloseMatchers);

// The same backend on every machine; LAYERWISE_BACKEND=wasm runs the tests on another.
process.env.LAYERWISE_BACKEND ??= "cpu";

beforeAll(async () => {
  await useBackend();
});
