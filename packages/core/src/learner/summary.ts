import { useBackend } from "../backend/index.ts";
import { moduleSummary } from "../nn/index.ts";
import { EVENTS, type EventName } from "./events.ts";
import type { Learner } from "./learner.ts";
import { lossName } from "./trainStep.ts";

/** The model's layers for one batch of the data, then what trains it. */
export async function summary(learn: Learner): Promise<string> {
  await useBackend();
  const batch = await learn.dls.train.oneBatch();
  let layers: string;
  try {
    layers = moduleSummary(learn.model, ...batch.xb.map((x) => x.data)).toString();
  } finally {
    batch.dispose();
  }
  const { opt } = learn;
  const frozen =
    opt === null
      ? []
      : [opt.frozenIdx === 0 ? "Model unfrozen" : `Model frozen up to parameter group #${opt.frozenIdx}`];
  const callbacks = [...learn.cbs].sort((a, b) => a.order - b.order).map((cb) => `  - ${cb.constructor.name}`);
  return [
    layers,
    "",
    `Optimizer used: ${opt?.config?.name ?? learn.optFunc.name}`,
    `Loss function: ${lossName(learn.lossFunc)}`,
    "",
    ...frozen,
    "",
    "Callbacks:",
    ...callbacks,
  ].join("\n");
}

const INDENT: Partial<Record<EventName, number>> = {
  beforeFit: 0,
  afterCancelFit: 0,
  afterFit: 0,
  beforeEpoch: 1,
  afterCancelEpoch: 1,
  afterEpoch: 1,
  beforeTrain: 2,
  afterCancelTrain: 2,
  afterTrain: 2,
  beforeValidate: 2,
  afterCancelValidate: 2,
  afterValidate: 2,
};

/** The events in the order they fire, with the callbacks that listen. */
export function showTrainingLoop(learn: Learner): string {
  return EVENTS.filter((event) => event !== "afterCreate")
    .map((event) => {
      const pad = "   ".repeat(INDENT[event] ?? 3);
      const names = learn.orderedCbs(event).map((cb) => cb.constructor.name);
      return `${pad}- ${event}${names.length > 0 ? `: ${names.join(", ")}` : ""}`;
    })
    .join("\n");
}
