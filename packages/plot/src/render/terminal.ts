import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Figure } from "../figure.ts";
import { toBase64 } from "../pixels/pngUri.ts";
import { renderPixels } from "./png.ts";

export interface ShowOptions {
  /** Where to write. Defaults to `process.stdout`. */
  stream?: TerminalStream | undefined;
}

/** The part of a writable stream that showing needs. */
export interface TerminalStream {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
}

/** Writes the figure to a terminal: as text if that says all, as an inline picture, or as the path of a PNG file. */
export async function showFigure(figure: Figure, textSaysAll: boolean, { stream = process.stdout }: ShowOptions = {}) {
  if (textSaysAll) {
    stream.write(`${figure.toText()}\n`);
    return;
  }
  const protocol = await graphicsProtocol(stream);
  if (protocol !== undefined) {
    stream.write(`${await PROTOCOLS[protocol](figure)}\n`);
    return;
  }
  const path = join(await mkdtemp(join(tmpdir(), "layerwise-")), `${figure.kind}.png`);
  await figure.save(path);
  stream.write(`${path}\n`);
}

type Protocol = "kitty" | "iterm2" | "sixel";

async function graphicsProtocol(stream: TerminalStream): Promise<Protocol | undefined> {
  if (!stream.isTTY) return undefined;
  const { createSupportsTerminalGraphics } = await import("supports-terminal-graphics");
  const can = createSupportsTerminalGraphics({ isTTY: true } as NodeJS.WriteStream);
  if (can.kitty) return "kitty";
  if (can.iterm2) return "iterm2";
  return can.sixel ? "sixel" : undefined;
}

const PROTOCOLS: Record<Protocol, (figure: Figure) => Promise<string>> = {
  kitty: async (figure) => kittyEscape(await figure.toPng({ scale: 1 })),
  iterm2: async (figure) => iterm2Escape(await figure.toPng(), (await figure.draw()).width),
  sixel: async (figure) => {
    const { image2sixel } = (await import("sixel")).default;
    const { pixels, width, height } = await renderPixels(await figure.draw(), { scale: 1 });
    return image2sixel(new Uint8Array(pixels), width, height, 256, 0);
  },
};

/** A PNG in chunks of 4096 characters. @see https://sw.kovidgoyal.net/kitty/graphics-protocol */
export function kittyEscape(png: Uint8Array): string {
  const chunks = toBase64(png).match(/.{1,4096}/g) ?? [];
  return chunks
    .map((chunk, i) => {
      const more = i < chunks.length - 1 ? 1 : 0;
      return `\u001b_G${i === 0 ? "a=T,f=100," : ""}m=${more};${chunk}\u001b\\`;
    })
    .join("");
}

/** A PNG shown at a width in pixels. @see https://iterm2.com/documentation-images.html */
export function iterm2Escape(png: Uint8Array, width: number): string {
  return `\u001b]1337;File=inline=1;size=${png.length};width=${width}px:${toBase64(png)}\u0007`;
}
