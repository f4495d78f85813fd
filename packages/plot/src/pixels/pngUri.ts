import type { Pixels } from "./pixels.ts";

/** Pixels as a `data:image/png` address, to stand inside an SVG. */
export async function pngUri({ width, height, channels, data }: Pixels): Promise<string> {
  const { encode } = await import("fast-png");
  const opaque = channels === 4 && isOpaque(data);
  const values = opaque ? dropAlpha(data) : data;
  const png = encode(
    { width, height, data: values, channels: opaque ? 3 : channels, depth: 8 },
    { zlib: { level: 4 } },
  );
  return `data:image/png;base64,${toBase64(png)}`;
}

export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x2000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
  return btoa(binary);
}

function isOpaque(rgba: Pixels["data"]): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return false;
  return true;
}

function dropAlpha(rgba: Pixels["data"]): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = rgba[from]!;
    rgb[to + 1] = rgba[from + 1]!;
    rgb[to + 2] = rgba[from + 2]!;
  }
  return rgb;
}
