import type { Drawing } from "./drawing.ts";
import type { PngOptions } from "./render/png.ts";
import type { ShowOptions } from "./render/terminal.ts";

/** What a kind of picture brings: its data, and how to draw it when someone asks. */
export interface FigureParts<Data> {
  /** The kind of picture, as its function is called: "lineChart", "table". */
  kind: string;
  /** The plain values it is drawn from. */
  data: Data;
  /** Draws it; called at most once, and only when an output needs it. */
  draw: (data: Data) => Promise<Drawing>;
  /** A form for a log or a plain terminal. */
  toText: (data: Data) => string;
  /** A form of its own for pages, where a drawing would be the lesser one (a table). */
  toHtml?: ((data: Data) => string) | undefined;
  /** Whether the text says all there is, so that a terminal prints it and no picture. Defaults to false. */
  textSaysAll?: boolean | undefined;
}

/** The MIME types of one picture, for a notebook to choose from. */
export type NotebookBundle = Record<string, string>;

/**
 * A picture as data, drawn lazily: read `data`, or write it out as SVG, PNG, HTML, text, in a notebook or a terminal.
 *
 * A new kind of picture is a function that returns `new Figure({ kind, data, draw, toText })`.
 */
export class Figure<Data = unknown> {
  readonly kind: string;
  readonly data: Data;
  readonly #textSaysAll: boolean;
  readonly #draw: () => Promise<Drawing>;
  readonly #toText: () => string;
  readonly #toHtml: (() => string) | undefined;
  #drawing: Promise<Drawing> | undefined;

  constructor({ kind, data, draw, toText, toHtml, textSaysAll = false }: FigureParts<Data>) {
    this.kind = kind;
    this.data = data;
    this.#textSaysAll = textSaysAll;
    this.#draw = () => draw(data);
    this.#toText = () => toText(data);
    this.#toHtml = toHtml === undefined ? undefined : () => toHtml(data);
  }

  /** The drawing with its size, for figures made of figures. */
  draw(): Promise<Drawing> {
    this.#drawing ??= this.#draw();
    return this.#drawing;
  }

  /** A complete SVG document. */
  async toSvg(): Promise<string> {
    return (await this.draw()).svg;
  }

  /**
   * PNG bytes, on white.
   * @throws {@link PlotError} if the size is out of range or the PNG writer is missing
   */
  async toPng(options?: PngOptions): Promise<Uint8Array> {
    const { renderPng } = await import("./render/png.ts");
    return renderPng(await this.draw(), options);
  }

  /** An HTML fragment, complete in itself: no script, no address outside. */
  async toHtml(): Promise<string> {
    return this.#toHtml?.() ?? `<figure style="margin:0">${await this.toSvg()}</figure>`;
  }

  /** What the picture shows, in words and numbers. */
  toText(): string {
    return this.#toText();
  }

  /**
   * Writes a file whose kind its name says: `.svg`, `.png`, `.html` or `.txt`. The file is complete or not there.
   * @throws {@link PlotError} if the extension is another one, or the file cannot be written
   */
  async save(path: string): Promise<void> {
    const { saveFigure } = await import("./render/save.ts");
    await saveFigure(this, path);
  }

  /** Shows it in the terminal: inline where that can be done, otherwise as a PNG file whose path is printed. */
  async show(options?: ShowOptions): Promise<void> {
    const { showFigure } = await import("./render/terminal.ts");
    await showFigure(this, this.#textSaysAll, options);
  }

  /** One bundle of forms for a notebook to choose from, by MIME type. */
  async toNotebook(): Promise<NotebookBundle> {
    const [svg, html] = await Promise.all([this.toSvg(), this.toHtml()]);
    return { "image/svg+xml": svg, "text/html": html, "text/plain": this.toText() };
  }

  /** What a notebook kernel calls on the last value of a cell. */
  [Symbol.for("Jupyter.display")](): Promise<NotebookBundle> {
    return this.toNotebook();
  }

  /** Lets a template or a log line print it. */
  toString(): string {
    return this.toText();
  }
}
