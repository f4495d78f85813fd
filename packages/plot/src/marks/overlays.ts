import { MARK_RED } from "../colors.ts";
import { round, svgText } from "../drawing.ts";
import { textWidth } from "../text/textWidth.ts";

/** A place `[x, y]` in pixels of its picture. */
export type PointXY = readonly [number, number];

/** A box in pixels of its picture: its top left and bottom right corner. */
export interface Box {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  label?: string | undefined;
}

interface Scale {
  x: number;
  y: number;
}

/** The label of the boxes that only fill a batch up. */
const PADDING_LABEL = "#na#";
const FONT_SIZE = 10;

export function drawPoints(points: readonly PointXY[], scale: Scale): string {
  return points
    .filter((point) => point.every(Number.isFinite))
    .map(([x, y]) => `<circle cx="${round(x * scale.x)}" cy="${round(y * scale.y)}" r="3" fill="${MARK_RED}"/>`)
    .join("");
}

/** Boxes as a white line on a dark one, readable on any picture, each with its label in the corner. */
export function drawBoxes(boxes: readonly Box[], scale: Scale, size: { width: number; height: number }): string {
  return boxes
    .filter(({ x1, y1, x2, y2, label }) => label !== PADDING_LABEL && [x1, y1, x2, y2].every(Number.isFinite))
    .map(({ x1, y1, x2, y2, label }) => {
      const [left, top] = [Math.min(x1, x2) * scale.x, Math.min(y1, y2) * scale.y];
      const [width, height] = [Math.abs(x2 - x1) * scale.x, Math.abs(y2 - y1) * scale.y];
      const place = `x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" fill="none"`;
      const line = (color: string, thickness: number) =>
        `<rect ${place} stroke="${color}" stroke-width="${thickness}"/>`;
      return line("black", 3.5) + line("white", 1.5) + drawLabel(label, left, top, size);
    })
    .join("");
}

/** White text on a dark tag, moved so that the picture's edge does not cut it. */
function drawLabel(label: string | undefined, left: number, top: number, size: { width: number; height: number }) {
  if (label === undefined || label === "") return "";
  const width = textWidth(label, FONT_SIZE) + 6;
  const x = Math.max(0, Math.min(left, size.width - width));
  const y = Math.max(0, Math.min(top, size.height - 14));
  const tag = `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="14" fill="black" fill-opacity="0.75"/>`;
  return tag + svgText(label, { x: x + 3, y: y + 10.5, fontSize: FONT_SIZE, fill: "white" });
}
