/** Tells the user of something that is allowed, but rarely meant. */
export function warn(message: string): void {
  console.warn(`layerwise: ${message}`);
}
