import { DataError } from "@layerwise/core";
import { describe } from "./describe.ts";
import type { Cell } from "./frame.ts";
import { Tuple } from "./tuple.ts";

/** A cell of a picture grid, or anything else that has a title above it. */
export interface TitleContext {
  title?: string;
}

/** Where a value shows itself: a title that grows line by line, or a row of a table, column by column. */
export type ShowContext = TitleContext | Map<string, Cell>;

/** A value that knows how a person wants to see it. */
export interface Showable {
  /** Shows the value and gives the context back; without one, prints. */
  show(ctx?: ShowContext): ShowContext | undefined;
}

/** Options of {@link showTitle}. */
export interface ShowTitleOptions {
  /** Name of the column, in a row of a table. @defaultValue "text" */
  label?: string;
}

/**
 * Shows a value as text: in a new line of the title, in a column of its own, or printed where there is no context.
 * Underscores are added to a label that a column has already.
 */
export function showTitle(
  value: unknown,
  ctx?: ShowContext,
  { label = "text" }: ShowTitleOptions = {},
): ShowContext | undefined {
  const shown = cellOf(value);
  if (ctx === undefined) console.log(`${shown}`);
  else if (ctx instanceof Map) {
    let column = label;
    while (ctx.has(column)) column += "_";
    ctx.set(column, shown);
  } else ctx.title = ctx.title ? `${ctx.title}\n${shown}` : `${shown}`;
  return ctx;
}

/** A value with a label, which is shown under it: what a block decodes to when it wants a column name of its own. */
export abstract class Titled<T> implements Showable {
  readonly value: T;
  readonly label: string;

  constructor(value: T, label = "text") {
    this.value = value;
    this.label = label;
  }

  show(ctx?: ShowContext): ShowContext | undefined {
    return showTitle(this, ctx, { label: this.label });
  }

  valueOf(): T {
    return this.value;
  }

  toString(): string {
    return `${this.value}`;
  }

  toJSON(): T {
    return this.value;
  }
}

/** Text with a label. */
export class TitledStr extends Titled<string> {}

/** A number with a label. */
export class TitledFloat extends Titled<number> {}

/** A whole number with a label. */
export class TitledInt extends TitledFloat {
  /** @throws {@link DataError} for a number with a fraction */
  constructor(value: number, label?: string) {
    super(value, label);
    if (!Number.isInteger(value)) throw new DataError("TitledInt", { given: `${value}`, expected: "a whole number" });
  }
}

/** Several values with one label. */
export class TitledTuple<T extends readonly (string | number | boolean)[]> extends Titled<T> {
  override toString(): string {
    return `(${this.value.join(", ")})`;
  }
}

export function isShowable(value: unknown): value is Showable {
  return typeof value === "object" && value !== null && typeof (value as Partial<Showable>).show === "function";
}

/** Shows a value its own way, each element of a tuple in turn, and all else as text. */
export function showValue(value: unknown, ctx?: ShowContext, options?: ShowTitleOptions): ShowContext | undefined {
  if (isShowable(value)) return value.show(ctx);
  if (!(value instanceof Tuple)) return showTitle(value, ctx, options);
  let shown = ctx;
  for (const element of value) shown = showValue(element, shown, options);
  return shown;
}

/** A value as text or number for a table; several labels with semicolons between. */
export function cellOf(value: unknown): string | number | boolean {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (value === undefined || value === null) return "";
  if (value instanceof TitledTuple) return `${value}`;
  if (value instanceof Titled) return cellOf(value.value);
  return Array.isArray(value) ? value.map((v) => String(cellOf(v))).join(";") : describe(value);
}
