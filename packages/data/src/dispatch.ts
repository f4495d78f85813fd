/** A class whose instances a row of a table is for. Numbers, strings and booleans go by `Number`, `String`, `Boolean`. */
export type Kind<T = unknown> = abstract new (...args: never[]) => T;

/** The type of a value that dispatches to `Kind<T>`: `number` for `Number`, and so on. */
export type ValueOf<T> =
  T extends InstanceType<NumberConstructor>
    ? number
    : T extends InstanceType<StringConstructor>
      ? string
      : T extends InstanceType<BooleanConstructor>
        ? boolean
        : T;

/** Class of a value at run time; `undefined` for null and undefined, which belong to no class. */
export function classOf(value: unknown): Kind | undefined {
  if (value === null || value === undefined) return undefined;
  return (Object.getPrototypeOf(value)?.constructor as Kind | undefined) ?? Object;
}

/** `kind` and what it extends, own class first, `Object` last. */
export function classChain(kind: Kind): Kind[] {
  const chain: Kind[] = [];
  let prototype: object | null = kind.prototype;
  while (prototype !== null) {
    const owner = (prototype as { constructor?: Kind }).constructor;
    if (owner !== undefined) chain.push(owner);
    prototype = Object.getPrototypeOf(prototype);
  }
  if (chain.at(-1) !== Object) chain.push(Object);
  return chain;
}

let version = 0;

/**
 * Rows class → value for a family of owner classes. A look-up takes the most specific class of the value first,
 * and for it the row of the most derived owner; answers are kept until a row is added anywhere.
 */
export class DispatchTable<Row> {
  readonly #rows = new Map<Kind, Map<Kind, Row>>();
  readonly #answers = new Map<Kind, Map<Kind, Row | null>>();
  #version = -1;

  set(owner: Kind, kind: Kind, row: Row): void {
    let rows = this.#rows.get(owner);
    if (rows === undefined) {
      rows = new Map();
      this.#rows.set(owner, rows);
    }
    rows.set(kind, row);
    version++;
  }

  get(owner: Kind, kind: Kind): Row | null {
    if (this.#version !== version) {
      this.#answers.clear();
      this.#version = version;
    }
    let answers = this.#answers.get(owner);
    if (answers === undefined) {
      answers = new Map();
      this.#answers.set(owner, answers);
    }
    let row = answers.get(kind);
    if (row === undefined) {
      row = this.#find(owner, kind);
      answers.set(kind, row);
    }
    return row;
  }

  #find(owner: Kind, kind: Kind): Row | null {
    const owners = classChain(owner);
    for (const ancestor of classChain(kind)) {
      for (const candidate of owners) {
        const row = this.#rows.get(candidate)?.get(ancestor);
        if (row !== undefined) return row;
      }
    }
    return null;
  }
}
