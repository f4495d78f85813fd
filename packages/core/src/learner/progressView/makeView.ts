import { NotebookView, notebookDisplay } from "./notebookView.ts";
import { PlainView } from "./plainView.ts";
import type { ProgressView } from "./progressView.ts";
import { TerminalView } from "./terminalView.ts";

/** A notebook if there is one, else a bar on a terminal, else one line per epoch. */
export function makeView(): ProgressView {
  const display = notebookDisplay();
  if (display) return new NotebookView(display);
  const { stdout } = process;
  return stdout.isTTY ? new TerminalView(stdout) : new PlainView((line) => stdout.write(`${line}\n`));
}
