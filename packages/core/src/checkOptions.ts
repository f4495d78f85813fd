import { closest } from "fastest-levenshtein";
import { OptionError } from "./errors.ts";

/** Every option of a call, by name; TypeScript sees to it that none is left out. */
export type KnownOptions<O> = Readonly<Record<keyof O, true>>;

/**
 * Refuses options that nobody reads: a typo in plain JavaScript would else do nothing.
 * @throws {@link OptionError} that names the known options, and the one that may be meant; also for a bare value,
 * `randomSplitter(0.3)`, which would be taken for no options at all
 */
export function checkOptions<O extends object>(
  where: string,
  options: O,
  known: KnownOptions<O> | readonly string[],
): void {
  requireRecord(where, options);
  const names = Array.isArray(known) ? (known as readonly string[]) : Object.keys(known);
  for (const [name, value] of Object.entries(options)) {
    if (names.includes(name) || value === undefined) continue;
    const meant = names.find((other) => isAlike(name.toLowerCase(), other.toLowerCase())) ?? closest(name, [...names]);
    throw new OptionError(where, {
      given: `the option "${name}"`,
      expected: `one of ${names.join(", ")}`,
      fix: `did you mean "${meant}"`,
    });
  }
}

function requireRecord(where: string, options: unknown): void {
  if (typeof options === "object" && options !== null && !Array.isArray(options)) return;
  throw new OptionError(where, {
    given: `${Array.isArray(options) ? "a list" : String(options)} as the options`,
    expected: "an object of options by name",
    fix: "give the value its name: `{ name: value }`",
  });
}

/** `weight_decay` for `weightDecay`, `item_tfm` for `itemTfms`. */
function isAlike(a: string, b: string): boolean {
  const plain = (text: string): string => text.replaceAll("_", "");
  return plain(a).startsWith(plain(b)) || plain(b).startsWith(plain(a));
}
