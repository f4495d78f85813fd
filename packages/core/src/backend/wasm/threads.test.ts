import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { build } from "esbuild";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { OptionError } from "../../errors.ts";
import { useBackend } from "../index.ts";
import { conv2d, conv2dFilterGrad, conv2dInputGrad } from "./conv2d.ts";
import { batchMatMul } from "./matMul.ts";
import { batchNormTrain, batchNormTrainGrad, columnSums } from "./norm.ts";
import { shareMemory } from "./sharedMemory.ts";
import { threadCount } from "./threads.ts";
import { startWasm, type WasmContext } from "./wasmModule.ts";

let contexts: WasmContext[];

beforeAll(async () => {
  contexts = [await startWasm(1), await startWasm(2, 0), await startWasm(3, 0)];
  for (const context of contexts) await awake(context);
});
afterAll(async () => {
  for (const { threads } of contexts) await threads?.stop();
});

/** Has the threads of a context start, and waits until they have. */
async function awake(context: WasmContext): Promise<void> {
  if (context.threads === undefined) return;
  run(
    context,
    [
      [7, 5],
      [5, 3],
    ],
    (a, b) => [batchMatMul(context, a!, b!, false, false)],
  );
  while (context.threads.running < context.threads.count) await sleep(5);
}

type Op = (...xs: tf.TensorInfo[]) => tf.TensorInfo[];

/** Bits of what `op` makes of inputs that look random. */
function run(context: WasmContext, shapes: readonly (readonly number[])[], op: Op): Uint8Array[] {
  const { backend } = context;
  const xs = shapes.map((shape, i) => {
    const size = tf.util.sizeFromShape([...shape]);
    const values = Float32Array.from({ length: size }, (_, k) => Math.sin((k + 1) * 12.9898 * (i + 1)) * 2);
    return backend.makeOutput([...shape], "float32", undefined, values);
  });
  const made = op(...xs);
  const bits = made.map(({ dataId }) => new Uint8Array((backend.readSync(dataId) as Float32Array).buffer));
  for (const { dataId } of [...xs, ...made]) backend.disposeData(dataId, true);
  return bits;
}

/** Quicker than comparing number by number as `toEqual` does. */
function expectEqual(bits: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  expect(bits.map((tensor, i) => Buffer.compare(tensor, expected[i]!))).toEqual(expected.map(() => 0));
}

function expectSameBits(shapes: readonly (readonly number[])[], op: (context: WasmContext) => Op): void {
  const [one, ...others] = contexts.map((context) => run(context, shapes, op(context)));
  for (const bits of others) expectEqual(bits, one!);
}

describe("any number of threads gives the same bits", () => {
  const size = fc.integer({ min: 1, max: 150 });

  test("of matrix products", () => {
    const law = fc.property(size, size, size, fc.boolean(), fc.boolean(), (m, k, n, ta, tb) => {
      const shapes = [ta ? [2, k, m] : [2, m, k], tb ? [n, k] : [k, n]];
      expectSameBits(shapes, (context) => (a, b) => [batchMatMul(context, a!, b!, ta, tb)]);
    });
    fc.assert(law, { numRuns: 60 });
  });

  test("of convolutions and their gradients", () => {
    const shapes = fc.record({
      n: fc.integer({ min: 1, max: 3 }),
      h: fc.integer({ min: 1, max: 40 }),
      w: fc.integer({ min: 1, max: 40 }),
      c: fc.integer({ min: 1, max: 30 }),
      o: fc.integer({ min: 1, max: 30 }),
      kernel: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    });
    const law = fc.property(shapes, ({ n, h, w, c, o, kernel, strides }) => {
      const filterShape: [number, number, number, number] = [...kernel, c, o];
      const info = tf.backend_util.computeConv2DInfo([n, h, w, c], filterShape, strides, 1, "same");
      const all = [info.inShape, filterShape, info.outShape];
      expectSameBits(all, (context) => (x, filter, dy) => [
        conv2d(context, x!, filter!, info),
        conv2dInputGrad(context, dy!, filter!, info),
        conv2dFilterGrad(context, x!, dy!, info),
      ]);
    });
    fc.assert(law, { numRuns: 60 });
  });

  test("of a convolution of more places than are unfolded at a time", () => {
    const info = tf.backend_util.computeConv2DInfo([3, 70, 71, 3], [3, 3, 3, 9], 1, 1, "same");
    expectSameBits([info.inShape, info.filterShape, info.outShape], (context) => (x, filter, dy) => [
      conv2d(context, x!, filter!, info),
      conv2dFilterGrad(context, x!, dy!, info),
    ]);
  });

  test("of batch normalization and sums", () => {
    const channelCount = fc.integer({ min: 1, max: 450 });
    const law = fc.property(fc.integer({ min: 1, max: 400 }), channelCount, (rows, channels) => {
      const line = [channels];
      expectSameBits([[rows, channels], [rows, channels], line, line], (context) => (x, dy, scale, offset) => {
        const made = batchNormTrain(context, { x: x!, scale: scale!, offset: offset! }, 1e-5);
        const [mean, variance] = [made[1]!, made[2]!];
        const grads = batchNormTrainGrad(context, { x: x!, dy: dy!, scale: scale!, mean, variance }, 1e-5);
        return [...made, ...grads, columnSums(context, x!, channels, line)];
      });
    });
    fc.assert(law, { numRuns: 60 });
  });

  test("after the memory has grown", () => {
    const op =
      (c: WasmContext): Op =>
      (a, b) => [batchMatMul(c, a!, b!, true, false), batchMatMul(c, b!, a!, false, true)];
    const shapes = [
      [400, 300],
      [400, 300],
    ];
    const one = contexts[0]!;
    const expected = run(one, shapes, op(one));
    for (const context of contexts.slice(1)) {
      const before = context.memory.buffer.byteLength;
      const held = context.backend.makeOutput([before / 4], "float32");
      expect(context.memory.buffer.byteLength).toBeGreaterThan(before);
      for (let i = 0; i < 3; i++) expectEqual(run(context, shapes, op(context)), expected);
      context.backend.disposeData(held.dataId, true);
    }
  });
});

describe("threads", () => {
  test("start again after they have been stopped", async () => {
    const context = contexts[2]!;
    await context.threads!.stop();
    expect(context.threads!.running).toBe(1);
    expectSameBits(
      [
        [90, 40],
        [40, 30],
      ],
      (c) => (a, b) => [batchMatMul(c, a!, b!, false, false)],
    );
    await awake(context);
    expect(context.threads!.running).toBe(3);
    expectSameBits(
      [
        [90, 40],
        [40, 30],
      ],
      (c) => (a, b) => [batchMatMul(c, a!, b!, false, false)],
    );
  });

  test("take thousands of small jobs in a row", () => {
    const shapes = [
      [37, 8],
      [8, 9],
    ];
    const [one, ...others] = contexts as [WasmContext, ...WasmContext[]];
    const expected = run(one, shapes, (a, b) => [batchMatMul(one, a!, b!, false, false)]);
    for (const context of others) {
      for (let i = 0; i < 3000; i++) {
        const bits = run(context, shapes, (a, b) => [batchMatMul(context, a!, b!, false, false)]);
        if (Buffer.compare(bits[0]!, expected[0]!) !== 0) expect.unreachable(`job ${i} differs`);
      }
    }
  });

  test("serve two trainings that take turns as they serve each alone", async () => {
    await useBackend("wasm");
    const train = async (seed: number, take: () => Promise<void>): Promise<number[]> => {
      let w = tf.reshape(tf.mul(tf.sin(tf.range(0, 384 * 256)), 0.01 * seed), [384, 256]);
      const x = tf.reshape(tf.cos(tf.range(0, 192 * 384)), [192, 384]);
      for (let step = 0; step < 4; step++) {
        const next = tf.tidy(() => {
          const grad = tf.grad((v) => tf.mean(tf.square(tf.matMul(x, v as tf.Tensor2D))))(w);
          return tf.sub(w, tf.mul(grad, 0.1));
        });
        w.dispose();
        w = next as typeof w;
        await take();
      }
      const values = Array.from((await w.data()) as Float32Array);
      tf.dispose([w, x]);
      return values;
    };
    const alone = [await train(1, async () => {}), await train(2, async () => {})];
    expect(await Promise.all([train(1, () => sleep(1)), train(2, () => sleep(1))])).toEqual(alone);
    await useBackend("cpu");
  });

  test.each(["ends by itself", "ends at once when told to"])("a process %s and idles without load", async (how) => {
    const script = fileURLToPath(new URL("../../../../../node_modules/.cache/layerwise/threads.mjs", import.meta.url));
    await build({
      stdin: { contents: program, resolveDir: fileURLToPath(new URL(".", import.meta.url)), loader: "ts" },
      bundle: true,
      format: "esm",
      platform: "node",
      packages: "external",
      outfile: script,
      logLevel: "error",
    });
    const started = performance.now();
    const { stdout } = await promisify(execFile)(process.execPath, [script, how], { timeout: 15_000 });
    await rm(script);
    const { running, idleLoad } = JSON.parse(stdout) as { running: number; idleLoad: number };
    expect(running).toBe(3);
    expect(idleLoad).toBeLessThan(0.3);
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

const program = `
  import { batchMatMul } from "./matMul.ts";
  import { startWasm } from "./wasmModule.ts";
  const context = await startWasm(3, 0);
  const make = (shape: number[]) => context.backend.makeOutput(shape, "float32");
  const [a, b] = [make([300, 300]), make([300, 300])];
  do {
    batchMatMul(context, a, b, false, false);
    await new Promise((resolve) => setTimeout(resolve, 5));
  } while (context.threads!.running < 3);
  batchMatMul(context, a, b, false, false);
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ running: context.threads!.running, idleLoad: (user + system) / 500_000 }));
  batchMatMul(context, a, b, false, false);
  if (process.argv[2] === "ends at once when told to") process.exit(0);
`;

describe("LAYERWISE_THREADS", () => {
  const before = process.env.LAYERWISE_THREADS;
  afterEach(() => {
    if (before === undefined) delete process.env.LAYERWISE_THREADS;
    else process.env.LAYERWISE_THREADS = before;
  });

  test("sets how many there are", async () => {
    process.env.LAYERWISE_THREADS = "1";
    expect((await startWasm()).threads).toBeUndefined();
    process.env.LAYERWISE_THREADS = "2";
    expect((await startWasm()).threads?.count).toBe(2);
    process.env.LAYERWISE_THREADS = "";
    expect(threadCount()).toBeGreaterThanOrEqual(1);
  });

  test.each(["0", "-1", "1.5", "many"])("%s is an error", (wish) => {
    process.env.LAYERWISE_THREADS = wish;
    expect(() => threadCount()).toThrow(OptionError);
  });
});

test("without SharedArrayBuffer one thread does everything", async () => {
  const real = globalThis.SharedArrayBuffer;
  Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
  try {
    expect((await startWasm(2)).threads).toBeUndefined();
  } finally {
    globalThis.SharedArrayBuffer = real;
  }
});

test("a module without a memory cannot share it", () => {
  expect(() => shareMemory(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))).toThrow("no memory");
});
