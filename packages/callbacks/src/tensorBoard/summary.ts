import { OptionError } from "@layerwise/core";
import { bytesField, doubleField, doublesField, type Field, floatField, message, uintField } from "./protobuf.ts";

/** One value of a summary, under a name. */
export type SummaryValue = Field;

/** A number, as a point of a curve. */
export function scalarValue(name: string, value: number): SummaryValue {
  return bytesField(1, message(bytesField(1, name), floatField(2, value)));
}

/** A picture, as the bytes of a PNG file. */
export function imageValue(name: string, png: Uint8Array): SummaryValue {
  const { width, height } = pngSize(png);
  const image = message(uintField(1, height), uintField(2, width), uintField(3, 4), bytesField(4, png));
  return bytesField(1, message(bytesField(1, name), bytesField(4, image)));
}

/** How numbers are spread, in `bins` equal steps from the smallest to the largest finite one. */
export function histogramValue(name: string, values: ArrayLike<number>, bins = 30): SummaryValue {
  const finite = Array.from(values).filter(Number.isFinite);
  const [low, high] = finite.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
  const sum = finite.reduce((a, x) => a + x, 0);
  const squares = finite.reduce((a, x) => a + x * x, 0);
  const step = (high - low) / bins || 1;
  const counts = new Array<number>(finite.length === 0 ? 0 : bins).fill(0);
  for (const x of finite) {
    const bin = Math.min(bins - 1, Math.floor((x - low) / step));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const limits = counts.map((_, i) => (i === bins - 1 ? Math.max(high, low + step * bins) : low + step * (i + 1)));
  const histogram = message(
    doubleField(1, finite.length === 0 ? 0 : low),
    doubleField(2, finite.length === 0 ? 0 : high),
    doubleField(3, finite.length),
    doubleField(4, sum),
    doubleField(5, squares),
    doublesField(6, limits),
    doublesField(7, counts),
  );
  return bytesField(1, message(bytesField(1, name), bytesField(5, histogram)));
}

/** What a file starts with. @param wallTime - seconds since 1970 */
export function fileVersionEvent(wallTime: number): Uint8Array {
  return message(doubleField(1, wallTime), bytesField(3, "brain.Event:2"));
}

/** Values of one step. @param wallTime - seconds since 1970 */
export function summaryEvent(step: number, values: readonly SummaryValue[], wallTime: number): Uint8Array {
  return message(doubleField(1, wallTime), uintField(2, step), bytesField(5, message(...values)));
}

function pngSize(png: Uint8Array): { width: number; height: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  if (png.length < 24 || view.getUint32(0) !== 0x89504e47) {
    throw new OptionError("imageValue", { given: `${png.length} bytes that are no PNG`, expected: "a PNG file" });
  }
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
