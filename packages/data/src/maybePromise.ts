/** A value, or the promise of one. Reading files is asynchronous; nothing that is already there should wait a turn. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with `next` at once when `value` is there, or when its promise settles. */
export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/**
 * `fn` of each value: an array, or the promise of one if any answer is a promise. When `fn` throws, the answers that are
 * still on their way are awaited by nobody, so their errors are silenced.
 */
export function mapAll<T, U>(values: readonly T[], fn: (value: T, i: number) => MaybePromise<U>): MaybePromise<U[]> {
  const answers: MaybePromise<U>[] = [];
  let isAsync = false;
  try {
    for (let i = 0; i < values.length; i++) {
      const answer = fn(values[i]!, i);
      if (answer instanceof Promise) isAsync = true;
      answers.push(answer);
    }
  } catch (error) {
    for (const answer of answers) if (answer instanceof Promise) answer.catch(() => {});
    throw error;
  }
  return isAsync ? Promise.all(answers) : (answers as U[]);
}
