import { formatTime } from "../formatTime.ts";
import { type Cell, formatCell, type PassPlace, type ProgressView, secondsLeft } from "./progressView.ts";

/** Shows HTML in a notebook; the same id again replaces what was shown before. */
export type NotebookDisplay = (html: string, id: string) => void;

let custom: NotebookDisplay | null = null;

/** Tells layerwise how to show HTML in a notebook that it does not know. `null` forgets it. */
export function setNotebookDisplay(display: NotebookDisplay | null): void {
  custom = display;
}

interface DenoJupyter {
  broadcast(type: string, content: unknown): Promise<void>;
}

/** The display of the running notebook kernel; `null` outside of one. */
export function notebookDisplay(): NotebookDisplay | null {
  if (custom) return custom;
  const jupyter = (globalThis as { Deno?: { jupyter?: DenoJupyter } }).Deno?.jupyter;
  if (!jupyter) return null;
  const shown = new Set<string>();
  return (html, id) => {
    const type = shown.has(id) ? "update_display_data" : "display_data";
    shown.add(id);
    void jupyter.broadcast(type, { data: { "text/html": html }, metadata: {}, transient: { display_id: id } });
  };
}

let fits = 0;

/** A table and a bar as HTML, redrawn in place. */
export class NotebookView implements ProgressView {
  readonly #display: NotebookDisplay;
  readonly #id = `layerwise-fit-${++fits}`;
  #names: readonly string[] = [];
  readonly #rows: string[][] = [];
  #bar = "";

  constructor(display: NotebookDisplay) {
    this.#display = display;
  }

  header(names: readonly string[]): void {
    this.#names = names;
    this.#draw();
  }

  row(cells: readonly Cell[]): void {
    this.#rows.push(cells.map((cell, i) => formatCell(cell, this.#names[i] ?? "")));
    this.#draw();
  }

  update(place: PassPlace): void {
    const { label, done, total, elapsed, comment } = place;
    const left = secondsLeft(place);
    const times = `${formatTime(elapsed)}&lt;${Number.isNaN(left) ? "?" : formatTime(left)}`;
    this.#bar = `<div><progress value="${done}" max="${total}"></progress> ${escapeHtml(label)} ${done}/${total} [${times}] ${escapeHtml(comment)}</div>`;
    this.#draw();
  }

  endPass(): void {
    this.#bar = "";
    this.#draw();
  }

  end(): void {
    this.endPass();
  }

  #draw(): void {
    const head = this.#names.map((name) => `<th>${escapeHtml(name)}</th>`).join("");
    const body = this.#rows
      .map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`)
      .join("");
    this.#display(`<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>${this.#bar}`, this.#id);
  }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
