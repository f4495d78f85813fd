import { Callback, type EventName } from "@layerwise/core/learner";
import { synthLearner } from "@layerwise/core/testing";
import { Bench } from "tinybench";
import { defineBenchmark } from "./harness/benchmark.ts";
import { ourVersions } from "./harness/versions.ts";

const batchEvents: EventName[] = [
  "beforeBatch",
  "afterPred",
  "afterLoss",
  "beforeBackward",
  "afterBackward",
  "beforeStep",
  "afterStep",
  "afterBatch",
];

/** Hears every event of a batch and does nothing. */
class EmptyCallback extends Callback {
  constructor() {
    super(Object.fromEntries(batchEvents.map((event) => [event, () => {}])));
  }
}

export default defineBenchmark({
  name: "emptyEvent",
  about: "What the 8 events of a batch cost: nobody listens, and one empty callback does",
  unit: "µs/batch",
  better: "less",
  peers: { fastai: "emptyEvent.py" },
  params: (scale) => ({ seconds: scale === "quick" ? 0.05 : 1 }),
  async ours({ params: { seconds } }) {
    const versions = await ourVersions();
    const bench = new Bench({ time: seconds * 1000 });
    for (const [name, cbs] of Object.entries({ nobody: [], empty: [new EmptyCallback()] })) {
      const learn = synthLearner({ defaultCbs: false, cbs });
      bench.add(name, async () => {
        for (const event of batchEvents) {
          const waiting = learn.event(event);
          if (waiting !== undefined) await waiting;
        }
      });
    }
    await bench.run();
    const samples = bench.tasks.map(({ name, result }) => {
      if (!("latency" in result)) throw new Error(`${name}: ${"error" in result ? result.error : result.state}`);
      return [name, [result.latency.p50 * 1000]] as const;
    });
    return { samples: Object.fromEntries(samples), versions };
  },
});
