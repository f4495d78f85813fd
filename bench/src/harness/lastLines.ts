const LINES = 12;
const WIDTH = 300;

/** The end of what a program printed, without the source lines, thousands of characters long, that Node quotes. */
export function lastLines(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "" && line.length <= WIDTH);
  return lines.slice(-LINES).join("\n");
}
