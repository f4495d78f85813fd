import { type Learner, noLogging } from "@layerwise/core/learner";

/** Prints a line for whoever watches the fit; nothing where rows go nowhere either (`withNoLogging`). */
export function announce(learn: Learner, text: string): void {
  if (learn.logger !== noLogging) console.log(text);
}
