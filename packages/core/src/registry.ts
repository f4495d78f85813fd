import { closest } from "fastest-levenshtein";
import { OptionError } from "./errors.ts";

/**
 * Things that files and options name by string: architectures, losses, transforms.
 * Loading a file looks names up here and never runs code from the file.
 * Third parties add rows; a name that is taken throws.
 */
export class Registry<T> {
  readonly kind: string;
  readonly #rows = new Map<string, T>();

  /** @param kind - what the rows are, in the singular, for messages: "architecture" */
  constructor(kind: string) {
    this.kind = kind;
  }

  /** @throws {@link OptionError} if `name` is taken by something else */
  add(name: string, value: T): T {
    const known = this.#rows.get(name);
    if (known !== undefined && known !== value) {
      throw new OptionError(`${this.kind} registry`, {
        given: `a second ${this.kind} named "${name}"`,
        expected: "a name that is still free",
        fix: "choose another name, for example with your package's name in front",
      });
    }
    this.#rows.set(name, value);
    return value;
  }

  has(name: string): boolean {
    return this.#rows.has(name);
  }

  /** @throws {@link OptionError} for an unknown name, with the nearest known one */
  get(name: string): T {
    const value = this.#rows.get(name);
    if (value !== undefined) return value;
    const names = this.names();
    const hint = names.length > 0 ? `did you mean "${closest(name, names)}"? ` : "";
    throw new OptionError(`${this.kind} registry`, {
      given: `"${name}"`,
      expected: `the name of a registered ${this.kind}`,
      fix: `${hint}Import the package that defines "${name}", or register your own with \`add\` before this call`,
    });
  }

  names(): string[] {
    return [...this.#rows.keys()].sort();
  }
}
