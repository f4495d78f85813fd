/** Places in the numbers that the main thread and its helpers share. */
export const field = {
  /** Counts jobs; helpers sleep on it. */
  wake: 0,
  /** The job's number and the next part to take, see {@link ticket}. */
  ticket: 1,
  /** Parts that are done; the main thread sleeps on it. */
  done: 2,
  failed: 3,
  ready: 4,
  sleeping: 5,
  /** Kernel, parts, begin, end, grain, scratch, scratchBytes, count of arguments, arguments. */
  job: 8,
  size: 64,
} as const;

/** A ticket is one number, so that taking a part is one atomic step: `job << partBits | part`. */
export const ticket = { partBits: 12, closed: 0xfff, lastJob: 0xfffff } as const;

/**
 * What a helping thread runs. Text, so that no bundler needs to find a file: sleeps until a job comes, takes parts
 * until none is left, and sleeps again.
 */
export const workerSource = `"use strict";
const { workerData } = require("node:worker_threads");
const { index, names, control, module, memory } = workerData;
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
const kernels = names.map((name) => exports[name]);

function work() {
  for (;;) {
    const ticket = Atomics.load(control, ${field.ticket});
    const part = ticket & ${ticket.closed};
    const [kernel, parts, begin, end, grain, scratch, scratchBytes, count] = control.subarray(${field.job}, ${field.job + 8});
    if (part >= parts) return;
    const args = control.slice(${field.job + 8}, ${field.job + 8} + count);
    if (Atomics.compareExchange(control, ${field.ticket}, ticket, ticket + 1) !== ticket) continue;
    const first = begin + part * grain;
    try {
      kernels[kernel](...args, first, Math.min(first + grain, end), scratch + index * scratchBytes);
    } catch {
      Atomics.store(control, ${field.failed}, 1);
    }
    if (Atomics.add(control, ${field.done}, 1) + 1 === parts) Atomics.notify(control, ${field.done});
  }
}

Atomics.add(control, ${field.ready}, 1);
for (;;) {
  const seen = Atomics.load(control, ${field.wake});
  work();
  Atomics.add(control, ${field.sleeping}, 1);
  Atomics.wait(control, ${field.wake}, seen);
  Atomics.sub(control, ${field.sleeping}, 1);
}
`;
