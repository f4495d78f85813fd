import type { Schedule } from "../optim/index.ts";
import { Callback } from "./callback.ts";

/** Per hyper-parameter: value by place in the fit (0…1), a number or one per parameter group. */
export type Schedules = Readonly<Record<string, Schedule>>;

/** Sets hyper-parameters before each training batch; the place in the fit is read before the batch, so it never is 1. */
export class ParamScheduler extends Callback {
  override readonly order = 60;
  override runValid = false;
  /** What was set, last group, per training batch. */
  hps: Record<string, number[]> = {};
  readonly schedules: Schedules;

  constructor(schedules: Schedules) {
    super();
    this.schedules = schedules;
  }

  override beforeFit(): void {
    this.hps = Object.fromEntries(Object.keys(this.schedules).map((name) => [name, []]));
  }

  override beforeBatch(): void {
    for (const [name, schedule] of Object.entries(this.schedules)) {
      this.learn.opt?.setHyper(name, schedule(this.learn.pctTrain));
    }
  }

  override afterBatch(): void | Promise<void> {
    const hypers = this.learn.opt?.hypers.at(-1);
    for (const name of Object.keys(this.schedules)) this.hps[name]?.push(hypers?.[name] ?? Number.NaN);
  }

  override afterFit(): void | Promise<void> {
    if (this.learn.recorder) this.learn.recorder.hps = this.hps;
  }
}
