import { OptionError } from "@layerwise/core";
import { type Category, NA } from "@layerwise/data";
import { closest } from "fastest-levenshtein";

/** Names of users or items, `#na#` first; a name's place is its number. */
export class ClassNames {
  readonly names: readonly Category[];
  readonly #kind: string;
  readonly #ids: ReadonlyMap<string, number>;

  constructor(kind: "user" | "item", names: readonly Category[]) {
    this.names = names;
    this.#kind = kind;
    this.#ids = new Map(names.map((name, id) => [String(name), id]));
  }

  /** Its number. The number 7 and the text "7" are the same name. @throws {@link OptionError} for an unknown one */
  id(name: Category): number {
    const id = this.#ids.get(String(name));
    if (id !== undefined) return id;
    const known = this.names.slice(1).map(String);
    throw new OptionError("collab", {
      given: `the ${this.#kind} ${typeof name === "string" ? `"${name}"` : name}, which training did not meet`,
      expected: `one of ${known.length} ${this.#kind}s`,
      ...(known.length > 0 && { fix: `did you mean "${closest(String(name), known)}"?` }),
    });
  }

  has(name: Category): boolean {
    return this.#ids.has(String(name));
  }

  /** Numbers of these names, or of all. */
  ids(names: readonly Category[] = this.names): number[] {
    return names.map((name) => (name === NA ? 0 : this.id(name)));
  }
}
