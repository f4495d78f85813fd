// biome-ignore-all lint/complexity/noThisInStatic: a subclass fills its own table
import { checkOptions, type KnownOptions, Registry, StateError } from "@layerwise/core";
import type { JsonValue } from "@layerwise/core/learner";
import { TensorData, type TensorKind, type TypedTensor } from "@layerwise/core/tensor";
import { classOf, DispatchTable, type Kind, type ValueOf } from "./dispatch.ts";
import { type MaybePromise, mapAll } from "./maybePromise.ts";
import { retainType } from "./retainTypes.ts";
import { TransformContext } from "./transformContext.ts";
import { SkipItemError, TransformError } from "./transformError.ts";
import { Tuple } from "./tuple.ts";

export type { JsonValue };

/** Plain data with names, that survives `JSON.stringify`. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** A transform as a file keeps it: a name in {@link transformRegistry} and the state to build it from. */
export interface TransformConfig {
  readonly name: string;
  readonly args: JsonObject;
}

/** What a transform learns from in `setups`: items as the earlier transforms leave them. */
export interface SetupSource {
  readonly length: number;
  get(i: number): MaybePromise<unknown>;
  /** The training part, when there is one. */
  readonly train?: SetupSource;
  /** At the loader's stages: one training batch, through the earlier batch transforms. The caller disposes it. */
  oneBatch?(): Promise<{ xb: readonly TypedTensor[]; yb: readonly TypedTensor[]; dispose(): void }>;
}

/** What `new Transform(...)` takes; a subclass states the same as fields and methods. */
export interface TransformOptions {
  enc?: (x: never, ctx: TransformContext) => unknown;
  dec?: (x: never, ctx: TransformContext) => unknown;
  /** Runs only on this split: 0 training, 1 validation. @defaultValue null, on every split */
  splitIdx?: number | null;
  /** Place within a pipeline, low first. @defaultValue 0 */
  order?: number;
  /** @defaultValue the name of `enc`, else of the class */
  name?: string;
}

const TRANSFORM: KnownOptions<TransformOptions> = { enc: true, dec: true, splitIdx: true, order: true, name: true };

export type TransformClass = abstract new (...args: never[]) => Transform;

/** What `beforeCall` of a {@link RandTransform} draws; `undefined` for other transforms. */
export type DrawOf<T> = T extends { beforeCall(x: never, ctx: never): infer D } ? D : undefined;

/** One entry of a transform's table: the value of its kind, the transform (its state), and the call. */
export type Row<C extends TransformClass, T> = (
  x: T,
  tfm: InstanceType<C>,
  ctx: TransformContext<DrawOf<InstanceType<C>>>,
) => unknown;

type AnyRow = (x: unknown, tfm: Transform, ctx: TransformContext) => unknown;
type Direction = "encode" | "decode";

const byClass = { encode: new DispatchTable<AnyRow>(), decode: new DispatchTable<AnyRow>() };
const byTensorKind = { encode: new DispatchTable<AnyRow>(), decode: new DispatchTable<AnyRow>() };

/**
 * A reversible step of a pipeline. What it does to a value depends on the value's class: `Flip.on(TensorImage, fn)`
 * adds a row, from any package; the most specific row of the class chain wins, and a value without one passes through.
 * A subclass may also have `encodes` and `decodes` methods, for every value that no row is for.
 */
export class Transform {
  /** Place within a pipeline, low first. */
  order = 0;
  /** Runs only on this split; null is every split. */
  splitIdx: number | null = null;
  /** What to call its decoded values, where they are shown without a class of their own to say so. */
  readonly showLabel?: string;
  /** Learns from the training part (true) or from everything (false); null leaves it to the caller of `setup`. */
  trainSetup: boolean | null = null;
  readonly #name: string | undefined;
  readonly #own: { encode: AnyRow | undefined; decode: AnyRow | undefined };

  constructor(options: TransformOptions = {}) {
    checkOptions(new.target.name, options, TRANSFORM);
    const { enc, dec, splitIdx, order, name } = options;
    this.#own = { encode: asRow(enc), decode: asRow(dec) };
    this.#name = name ?? (enc?.name || undefined);
    const ownOrder = (enc as { order?: unknown } | undefined)?.order;
    if (typeof ownOrder === "number") this.order = ownOrder;
    else if (order !== undefined) this.order = order;
    if (splitIdx !== undefined) this.splitIdx = splitIdx;
  }

  /**
   * Adds rows to this class's table, here or from another package.
   * @param kind - class of the values they are for; subclasses of it included
   */
  static on<C extends TransformClass, T>(
    this: C,
    kind: Kind<T>,
    encode: Row<C, ValueOf<T>> | null,
    decode?: Row<C, ValueOf<T>> | null,
  ): void {
    if (encode) byClass.encode.set(this, kind, encode as AnyRow);
    if (decode) byClass.decode.set(this, kind, decode as AnyRow);
  }

  /** Like `on`, for one sample's numbers on the CPU: a {@link TensorData} of this kind, before collation or after decoding. */
  static onData<C extends TransformClass, T extends TypedTensor>(
    this: C,
    kind: TensorKind<T>,
    encode: Row<C, TensorData<T>> | null,
    decode?: Row<C, TensorData<T>> | null,
  ): void {
    if (encode) byTensorKind.encode.set(this, kind, encode as AnyRow);
    if (decode) byTensorKind.decode.set(this, kind, decode as AnyRow);
  }

  get name(): string {
    return this.#name ?? this.constructor.name;
  }

  /** For values that no row is for. May return a promise at item level, never at batch level. */
  encodes?(x: never, ctx: TransformContext): unknown;
  /** Undoes `encodes`, as far as a person looking at the value cares. */
  decodes?(x: never, ctx: TransformContext): unknown;
  /** Whether new data may enter a pipeline here as `x`, beside what `getItems` gives: the bytes of a picture. */
  takesSource?(x: unknown): boolean;
  /** Learns state (a vocabulary, a mean) from the items, as the earlier transforms leave them. */
  setups?(items: SetupSource): MaybePromise<void>;
  /** State and options to rebuild the transform from; see {@link transformRegistry}. */
  toArgs(): JsonObject {
    return {};
  }

  /** Applies the transform: to each element of a {@link Tuple}, else to the value. */
  call(x: unknown, ctx: TransformContext = new TransformContext()): MaybePromise<unknown> {
    return this.skips(ctx) ? x : this.run(x, "encode", ctx);
  }

  decode(x: unknown, ctx: TransformContext = new TransformContext()): MaybePromise<unknown> {
    return this.skips(ctx) ? x : this.run(x, "decode", ctx);
  }

  /** Lets the transform learn, from `items.train` when it learns from training only. */
  async setup(items: SetupSource, trainSetup = false): Promise<void> {
    const source = (this.trainSetup ?? trainSetup) ? (items.train ?? items) : items;
    await this.setups?.(source);
  }

  /**
   * The transform as plain data for an export file.
   * @throws {@link StateError} if its name is not in the registry
   */
  toConfig(): TransformConfig {
    if (!transformRegistry.has(this.name)) {
      throw new StateError("export", {
        given: `the transform "${this.name}", which no file can name`,
        expected: "transforms that are registered",
        fix: `call \`transformRegistry.add("${this.name}", (args) => ...)\` beside its definition`,
      });
    }
    return { name: this.name, args: this.toArgs() };
  }

  toString(): string {
    return this.name;
  }

  protected skips(ctx: TransformContext): boolean {
    return this.splitIdx !== null && ctx.splitIdx !== this.splitIdx;
  }

  /** Whether a row or `encodes` is for values such as `x`; others pass through. */
  protected handles(x: unknown): boolean {
    return this.#row(x, "encode") !== undefined;
  }

  protected run(x: unknown, direction: Direction, ctx: TransformContext): MaybePromise<unknown> {
    if (!(x instanceof Tuple)) return this.runOne(x, direction, ctx);
    const out = mapAll(x.elements, (element) => this.run(element, direction, ctx));
    return out instanceof Promise ? out.then((elements) => new Tuple(elements)) : new Tuple(out);
  }

  protected runOne(x: unknown, direction: Direction, ctx: TransformContext): MaybePromise<unknown> {
    const row = this.#row(x, direction);
    if (row === undefined) return x;
    try {
      const out = row(x, this, ctx);
      if (!(out instanceof Promise)) return retainType(out, x);
      return out.then(
        (value) => retainType(value, x),
        (error) => this.#fail(error, x, ctx),
      );
    } catch (error) {
      return this.#fail(error, x, ctx);
    }
  }

  #row(x: unknown, direction: Direction): AnyRow | undefined {
    const own = this.#own[direction];
    if (own !== undefined) return own;
    const owner = this.constructor as Kind;
    let row: AnyRow | null = null;
    if (x instanceof TensorData) row = byTensorKind[direction].get(owner, x.kind);
    const kind = classOf(x);
    if (row === null && kind !== undefined) row = byClass[direction].get(owner, kind);
    if (row !== null) return row;
    return (direction === "encode" ? this.encodes : this.decodes) === undefined ? undefined : method[direction];
  }

  #fail(error: unknown, x: unknown, ctx: TransformContext): never {
    if (error instanceof TransformError || error instanceof SkipItemError) throw error;
    throw new TransformError(this.name, ctx.item ?? x, error);
  }
}

type TransformBuilder = (args: JsonObject) => Transform;

/** A registry whose builders say what they take: what `toArgs` of their transform gives. */
class TransformRegistry extends Registry<TransformBuilder> {
  override add<A extends object = JsonObject>(name: string, build: (args: A) => Transform): TransformBuilder {
    return super.add(name, build as unknown as TransformBuilder);
  }
}

/** Transforms by name, for export files: a function that builds one from its {@link TransformConfig}'s `args`. */
export const transformRegistry: TransformRegistry = new TransformRegistry("transform");

/** Builds the transform a file names. Runs no code from the file. */
export function transformFromConfig({ name, args }: TransformConfig): Transform {
  return transformRegistry.get(name)(args);
}

const method: Record<Direction, AnyRow> = {
  encode: (x, tfm, ctx) => tfm.encodes?.(x as never, ctx),
  decode: (x, tfm, ctx) => tfm.decodes?.(x as never, ctx),
};

function asRow(fn: TransformOptions["enc"]): AnyRow | undefined {
  return fn && ((x, _tfm, ctx) => fn(x as never, ctx));
}

/** Anything that a pipeline takes as a member. */
export type TransformLike = Transform | (new () => Transform) | ((x: never) => unknown);

/** A class is instantiated, a function wrapped (it gets the value alone), a transform kept. */
export function mkTransform(tfm: TransformLike): Transform {
  if (tfm instanceof Transform) return tfm;
  if (tfm.prototype instanceof Transform) return new (tfm as new () => Transform)();
  const fn = tfm as ((x: never) => unknown) & { order?: number };
  const order = fn.order === undefined ? {} : { order: fn.order };
  return new Transform({ enc: (x) => fn(x), name: fn.name || "function", ...order });
}
