import { OptionError } from "./errors.ts";

/** Every option of a call, by name; TypeScript sees to it that none is left out. */
export type KnownOptions<O> = Readonly<Record<keyof O, true>>;

/**
 * Refuses options that nobody reads: a typo in plain JavaScript would else do nothing.
 * @throws {@link OptionError} that names the known options, and the one that may be meant
 */
export function checkOptions<O extends object>(where: string, options: O, known: KnownOptions<O>): void {
  const names = Object.keys(known);
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const meant = names.find((other) => isAlike(name.toLowerCase(), other.toLowerCase()));
    throw new OptionError(where, {
      given: `the option "${name}"`,
      expected: `one of ${names.join(", ")}`,
      ...(meant === undefined ? {} : { fix: `did you mean "${meant}"` }),
    });
  }
}

function isAlike(a: string, b: string): boolean {
  const plain = (text: string): string => text.replaceAll("_", "");
  return plain(a).startsWith(plain(b)) || plain(b).startsWith(plain(a));
}
