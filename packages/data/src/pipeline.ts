import { gather } from "./gather.ts";
import { Getter } from "./getter.ts";
import type { MaybePromise } from "./maybePromise.ts";
import { isShowable, type ShowContext, showValue } from "./titled.ts";
import {
  mkTransform,
  type SetupSource,
  type Transform,
  type TransformConfig,
  type TransformLike,
  transformFromConfig,
  transformRegistry,
} from "./transform.ts";
import { TransformContext } from "./transformContext.ts";
import { Tuple } from "./tuple.ts";

export interface PipelineOptions {
  /** Split for calls that bring no context of their own. @defaultValue null */
  splitIdx?: number | null;
}

/** Options of {@link Pipeline.decode}. */
export interface PipelineDecodeOptions {
  /** Goes back all the way, also past values that can be shown. @defaultValue true */
  full?: boolean;
}

/** Transforms one after the other, by their `order`; equal orders keep their place. */
export class Pipeline {
  /** Split for calls that bring no context of their own. */
  splitIdx: number | null;
  readonly #tfms: Transform[];

  /** @param tfms - members; from another pipeline its list is shared, so that both see later set-up */
  constructor(tfms: Pipeline | readonly TransformLike[] = [], { splitIdx = null }: PipelineOptions = {}) {
    this.#tfms = tfms instanceof Pipeline ? tfms.#tfms : sortByOrder(tfms.map(mkTransform));
    this.splitIdx = splitIdx;
  }

  get tfms(): readonly Transform[] {
    return this.#tfms;
  }

  get length(): number {
    return this.#tfms.length;
  }

  call(x: unknown, ctx: TransformContext = this.#context()): MaybePromise<unknown> {
    return this.#callFrom(0, x, ctx);
  }

  /** Undoes every member, last first; without `full` only until the value can be shown. */
  decode(
    x: unknown,
    ctx: TransformContext = this.#context(),
    { full = true }: PipelineDecodeOptions = {},
  ): MaybePromise<unknown> {
    return this.#decodeFrom(this.#tfms.length - 1, x, ctx, full);
  }

  /** Undoes members until the value can be shown, and shows it. */
  async show(x: unknown, ctx?: ShowContext): Promise<ShowContext | undefined> {
    const label = this.#tfms.findLast((tfm) => tfm.showLabel !== undefined)?.showLabel;
    return showValue(await this.decode(x, this.#context(), { full: false }), ctx, label === undefined ? {} : { label });
  }

  /** Lets each member learn from the items as the members before it leave them. */
  async setup(items: SetupSource, trainSetup = false): Promise<void> {
    await this.add(this.#tfms.splice(0), items, trainSetup);
  }

  /** Sets up and adds members, one at a time; without `items` they are only added. */
  async add(tfms: readonly TransformLike[], items?: SetupSource, trainSetup = false): Promise<void> {
    const members = sortByOrder(tfms.map(mkTransform));
    for (const [i, tfm] of members.entries()) {
      try {
        if (items !== undefined) await tfm.setup(items, trainSetup);
      } catch (error) {
        this.#insert(...members.slice(i));
        throw error;
      }
      this.#insert(tfm);
    }
  }

  /** The first member of a class. */
  find<T>(kind: abstract new (...args: never[]) => T): T | undefined {
    return this.#tfms.find((tfm): tfm is Transform & T => tfm instanceof kind);
  }

  /** Members of that name: `pipeline.get("Normalize")`. */
  get(name: string): Transform[] {
    return this.#tfms.filter((tfm) => tfm.name === name);
  }

  /** A pipeline of the members from `start` on. */
  slice(start: number): Pipeline {
    return new Pipeline(this.#tfms.slice(start), { splitIdx: this.splitIdx });
  }

  get vocab(): unknown {
    return gather(this.#tfms, "vocab");
  }

  get c(): unknown {
    return gather(this.#tfms, "c");
  }

  get lossFunc(): unknown {
    return gather(this.#tfms, "lossFunc");
  }

  /** Members as an export file keeps them; a user's getter that no file can name is left out. */
  toConfig(): TransformConfig[] {
    return this.#tfms.filter(isExported).map((tfm) => tfm.toConfig());
  }

  /** Number of leading members that `toConfig` leaves out. */
  get leftOut(): number {
    return this.#tfms.filter((tfm) => !isExported(tfm)).length;
  }

  static fromConfig(configs: readonly TransformConfig[]): Pipeline {
    return new Pipeline(configs.map(transformFromConfig));
  }

  toString(): string {
    return `Pipeline: ${this.#tfms.map(String).join(" -> ") || "(empty)"}`;
  }

  #insert(...members: Transform[]): void {
    this.#tfms.push(...members);
    sortByOrder(this.#tfms);
  }

  #context(): TransformContext {
    return new TransformContext({ splitIdx: this.splitIdx });
  }

  #callFrom(start: number, x: unknown, ctx: TransformContext): MaybePromise<unknown> {
    let value = x;
    for (let i = start; i < this.#tfms.length; i++) {
      value = this.#tfms[i]!.call(value, ctx);
      if (value instanceof Promise) return value.then((settled) => this.#callFrom(i + 1, settled, ctx));
    }
    return value;
  }

  #decodeFrom(start: number, x: unknown, ctx: TransformContext, full: boolean): MaybePromise<unknown> {
    let value = x;
    for (let i = start; i >= 0; i--) {
      if (!full && canBeShown(value)) return value;
      value = this.#tfms[i]!.decode(value, ctx);
      if (value instanceof Promise) return value.then((settled) => this.#decodeFrom(i - 1, settled, ctx, full));
    }
    return value;
  }
}

function canBeShown(value: unknown): boolean {
  return isShowable(value) || (value instanceof Tuple && value.length > 0 && value.elements.every(isShowable));
}

/** In place; `Array.sort` is stable. */
function sortByOrder(tfms: Transform[]): Transform[] {
  return tfms.sort((a, b) => a.order - b.order);
}

function isExported(tfm: Transform): boolean {
  return !(tfm instanceof Getter) || transformRegistry.has(tfm.name);
}

/** Applies transforms in the given order (or reversed), to encode or to decode. */
export function composeTfms(
  x: unknown,
  tfms: readonly Transform[],
  { decode = false, reverse = false, ctx = new TransformContext() }: ComposeOptions = {},
): MaybePromise<unknown> {
  let value: MaybePromise<unknown> = x;
  for (const tfm of reverse ? tfms.toReversed() : tfms) {
    const step = (input: unknown) => (decode ? tfm.decode(input, ctx) : tfm.call(input, ctx));
    value = value instanceof Promise ? value.then(step) : step(value);
  }
  return value;
}

export interface ComposeOptions {
  decode?: boolean;
  reverse?: boolean;
  ctx?: TransformContext;
}
