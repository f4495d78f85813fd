import { OptionError } from "../errors.ts";
import type { Schedule } from "../optim/index.ts";
import { Callback } from "./callback.ts";

/** Per hyper-parameter: a function of the place in the fit (0…1), or one function per parameter group. */
export type Schedules = Readonly<Record<string, Schedule | readonly Schedule[]>>;

/** Sets hyper-parameters before each training batch; the place in the fit is read before the batch, so it never is 1. */
export class ParamScheduler extends Callback {
  static override readonly cbName: string = "paramScheduler";
  override readonly order = 60;
  override runValid = false;
  /** What was set, last group, per training batch. */
  hps: Record<string, number[]> = {};
  readonly schedules: Schedules;

  /** @param schedules - by name of the hyper-parameter: `{ lr: schedCos(1e-3, 0) }` */
  constructor(schedules: Schedules) {
    super();
    this.schedules = schedules;
  }

  /** @throws {@link OptionError} for a hyper-parameter that the optimizer does not have; `mom` is then ignored */
  override beforeFit(): void {
    const known = Object.keys(this.learn.opt?.hypers[0] ?? {});
    const unknown = Object.keys(this.schedules).find((name) => !known.includes(name) && name !== "mom");
    if (unknown !== undefined && known.length > 0) {
      throw new OptionError("ParamScheduler", {
        given: `a schedule for "${unknown}"`,
        expected: `one of the optimizer's ${known.join(", ")}`,
      });
    }
    this.hps = Object.fromEntries(Object.keys(this.schedules).map((name) => [name, []]));
  }

  override beforeBatch(): void {
    for (const [name, schedule] of Object.entries(this.schedules)) {
      this.learn.opt?.setHyper(name, valueAt(schedule, this.learn.pctTrain));
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

/** One number per group where there is one schedule per group. */
export function valueAt(schedule: Schedule | readonly Schedule[], pos: number): number | number[] {
  return typeof schedule === "function" ? schedule(pos) : schedule.flatMap((each) => each(pos));
}
