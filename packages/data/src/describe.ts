import { inspect } from "node:util";
import { fmtShape } from "@layerwise/core";
import { TensorData, TypedTensor } from "@layerwise/core/tensor";
import { isRecord } from "./isRecord.ts";
import { Tuple } from "./tuple.ts";

/** One value in a few words, for messages and for `DataBlock.summary`. */
export function describe(value: unknown): string {
  if (value instanceof Tuple) return `(${value.elements.map(describe).join(", ")})`;
  if (value instanceof TensorData) {
    const { shape, values, kind } = value;
    if (shape.length <= 1 && values.length <= 20) {
      const list = Array.from(values, shortNumber).join(", ");
      return shape.length === 0 ? `${kind.name}(${list})` : `${kind.name}([${list}])`;
    }
    return `${kind.name} of size ${shape.join("x")}`;
  }
  if (value instanceof TypedTensor) return `${value.constructor.name} of size ${value.shape.join("x")}`;
  if (isRecord(value) && Object.values(value).some((v) => v instanceof TensorData || v instanceof TypedTensor)) {
    return `{ ${Object.entries(value)
      .map(([key, v]) => `${key}: ${describe(v)}`)
      .join(", ")} }`;
  }
  if (typeof value === "object" && value !== null) {
    const own = value as { shape?: unknown; width?: unknown; height?: unknown };
    const name = value.constructor?.name ?? "Object";
    if (typeof own.width === "number" && typeof own.height === "number") return `${name} ${own.width}x${own.height}`;
    if (Array.isArray(own.shape)) return `${name} ${fmtShape(own.shape)}`;
  }
  if (typeof value === "string") return value;
  if (typeof value === "number") return shortNumber(value);
  if (Array.isArray(value) && value.length <= 20) return `[${value.map(describe).join(", ")}]`;
  return shorten(inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 6 }));
}

/** The item a user would recognize: its path or text, or its fields. */
export function describeItem(item: unknown): string {
  if (typeof item === "string") return `"${item}"`;
  if (typeof item === "object" && item !== null) {
    const { path } = item as { path?: unknown };
    if (typeof path === "string") return `"${path}"`;
  }
  return describe(item);
}

function shortNumber(value: number): string {
  return Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(6))}`;
}

function shorten(text: string, limit = 120): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 3)}...`;
}
