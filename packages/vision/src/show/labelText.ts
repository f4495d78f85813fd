/** A label in words: of several classes "a;b". */
export function labelText(label: unknown): string {
  if (Array.isArray(label)) return label.map(labelText).join(";");
  return typeof label === "number" && !Number.isInteger(label) ? label.toFixed(4) : `${label}`;
}
