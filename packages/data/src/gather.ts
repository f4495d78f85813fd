/** Values of `key` over `members`, those that lack it left out: nothing, the one value, or the list of several. */
export function gather(members: readonly unknown[], key: "vocab" | "c" | "lossFunc"): unknown {
  const found: unknown[] = [];
  for (const member of members) {
    const value = (member as Partial<Record<typeof key, unknown>>)[key];
    if (value !== undefined && value !== null) found.push(value);
  }
  return found.length > 1 ? found : found[0];
}
