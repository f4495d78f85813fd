/** A value, or the promise of one. Reading files is asynchronous; nothing that is already there should wait a turn. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with `next` at once when `value` is there, or when its promise settles. */
export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** `Promise.all`, but the plain array when nothing in it is a promise. */
export function allOf<T>(values: MaybePromise<T>[]): MaybePromise<T[]> {
  for (const value of values) if (value instanceof Promise) return Promise.all(values);
  return values as T[];
}
