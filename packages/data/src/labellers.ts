import { checkOptions, DataError, OptionError } from "@layerwise/core";
import { pathParts } from "./splitters.ts";

/**
 * Name of the folder a file lies in: the label of `train/cat/1.jpg` is `cat`.
 * @throws {@link DataError} if the path has no folder
 */
export function parentLabel(path: string): string {
  const folder = typeof path === "string" ? pathParts(path).at(-2) : undefined;
  if (folder) return folder;
  throw new DataError("parentLabel", {
    given: typeof path === "string" ? `"${path}", which lies in no folder` : `${typeof path} ${JSON.stringify(path)}`,
    expected: "a path whose folder is the label",
    fix: "give another `getY`, such as `regexLabeller` or `new ColReader`",
  });
}

/** Options of {@link regexLabeller}. */
export interface RegexLabellerOptions {
  /** Whether the pattern has to match from the start of the path. @defaultValue false */
  match?: boolean;
}

/**
 * Takes the label out of a path: `regexLabeller(/(.+)_\d+\.jpg$/)`. Backslashes of the path become slashes first.
 * @param pattern - with one group, the label
 * @throws {@link OptionError} if the pattern has no group
 */
export function regexLabeller(pattern: RegExp | string, options: RegexLabellerOptions = {}): (path: string) => string {
  checkOptions("regexLabeller", options, { match: true });
  const { match = false } = options;
  const { source, flags } = typeof pattern === "string" ? new RegExp(pattern) : pattern;
  const plainFlags = flags.replace(/[gy]/g, "");
  if (new RegExp(`${source}|`, plainFlags).exec("")!.length < 2) {
    throw new OptionError("regexLabeller", {
      given: `/${source}/, which has no group`,
      expected: "parentheses around the part that is the label",
    });
  }
  const regex = new RegExp(source, match ? `${plainFlags}y` : plainFlags);
  return (path) => {
    regex.lastIndex = 0;
    const label = regex.exec(`${path}`.replaceAll("\\", "/"))?.[1];
    if (label !== undefined) return label;
    throw new DataError("regexLabeller", {
      given: `"${path}", in which /${source}/ finds no label`,
      expected: match ? "a path that matches from its start" : "a path that matches somewhere",
      fix: "correct the pattern, or leave such files out in `getItems`",
    });
  };
}
