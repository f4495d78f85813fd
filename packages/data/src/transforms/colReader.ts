import { join } from "node:path";
import { checkOptions, DataError, OptionError } from "@layerwise/core";
import { DisplayedTransform } from "../displayedTransform.ts";
import { type ColumnKey, readField } from "../frame.ts";
import { type JsonObject, transformRegistry } from "../transform.ts";

/** Options of {@link ColReader}. */
export interface ColReaderOptions {
  /** Text to put before the value. */
  prefix?: string;
  /** Text to put after the value, such as ".jpg". */
  suffix?: string;
  /** Folder that the value is a file in. */
  folder?: string;
  /** What separates the labels in the value; the value becomes a list, an empty one for an empty value. */
  labelDelim?: string;
}

/**
 * Reads one or several columns of a row: `getX: new ColReader("name", { folder: path })`,
 * `getY: new ColReader("labels", { labelDelim: " " })`.
 */
export class ColReader extends DisplayedTransform {
  readonly cols: ColumnKey | readonly ColumnKey[];
  readonly #options: ColReaderOptions;

  /** @param cols - name or position of a column, or several, whose values become a list */
  constructor(cols: ColumnKey | readonly ColumnKey[], options: ColReaderOptions = {}) {
    super();
    checkOptions("ColReader", options, { prefix: true, suffix: true, folder: true, labelDelim: true });
    const { prefix, suffix, folder, labelDelim } = options;
    if (labelDelim === "" || (labelDelim !== undefined && (prefix ?? suffix ?? folder) !== undefined)) {
      throw new OptionError("ColReader", {
        given: `labelDelim "${labelDelim}"${labelDelim === "" ? "" : " with prefix, suffix or folder"}`,
        expected: "a separator of labels, alone",
      });
    }
    this.cols = cols;
    this.#options = options;
  }

  override encodes(row: unknown): unknown {
    if (typeof this.cols === "object") return this.cols.map((col) => this.#read(row, col));
    return this.#read(row, this.cols);
  }

  override toArgs(): JsonObject {
    return { cols: this.cols, ...this.#options };
  }

  #read(row: unknown, col: ColumnKey): unknown {
    const value = readField(row, col, "ColReader");
    const { prefix = "", suffix = "", folder, labelDelim } = this.#options;
    if (labelDelim !== undefined) return isMissing(value) || value === "" ? [] : `${value}`.split(labelDelim);
    if (prefix === "" && suffix === "" && folder === undefined) return value;
    if (isMissing(value)) {
      throw new DataError("ColReader", {
        given: `no value in column ${JSON.stringify(col)} of ${typeof row === "object" ? JSON.stringify(row) : row}`,
        expected: "a value in every row",
        fix: "leave such rows out of the items",
      });
    }
    const text = `${prefix}${value}${suffix}`;
    return folder === undefined ? text : join(folder, text);
  }
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || Number.isNaN(value);
}

transformRegistry.add("ColReader", ({ cols, ...options }) => {
  return new ColReader(cols as ColumnKey | readonly ColumnKey[], options as ColReaderOptions);
});
