import { DataError } from "@layerwise/core";
import { MSELossFlat } from "@layerwise/core/losses";
import { TensorData, TensorFloat } from "@layerwise/core/tensor";
import { describeItem } from "../describe.ts";
import { DisplayedTransform } from "../displayedTransform.ts";
import { type JsonObject, type SetupSource, transformRegistry } from "../transform.ts";

/** Target of a regression: one number, or several. */
export type RegressionTarget = number | readonly number[];

/** Makes targets of numbers, and numbers of predictions: one number per item, or a list where the items have lists. */
export class RegressionSetup extends DisplayedTransform {
  readonly lossFunc: MSELossFlat = new MSELossFlat();
  #c: number | undefined;
  #isList: boolean | undefined;

  /** @param c - numbers per target; taken from the first training item if not given */
  constructor(c?: number, { isList }: { isList?: boolean | undefined } = {}) {
    super();
    this.#c = c;
    this.#isList = isList;
  }

  /** Numbers per target, once known. */
  get c(): number | undefined {
    return this.#c;
  }

  override async setups(items: SetupSource): Promise<void> {
    if (items.length === 0) return;
    const first = await items.get(0);
    this.#isList = isNumberList(first);
    this.#c ??= isNumberList(first) ? first.length : 1;
  }

  override encodes(target: RegressionTarget | TensorData): TensorData {
    if (target instanceof TensorData) return target;
    const list = isNumberList(target) ? target : [target];
    const wrong = Array.from(list).findIndex((value) => typeof value !== "number" || !Number.isFinite(value));
    if (wrong >= 0) {
      throw new DataError("RegressionSetup", {
        given: `${describeItem(list[wrong])} as target`,
        expected: "finite numbers",
        fix: "leave items without a target out in `getItems`, or make numbers of text in `getY`",
      });
    }
    if (isNumberList(target) && this.#isList && this.#c !== undefined && list.length !== this.#c) {
      throw new DataError("RegressionSetup", {
        given: `${list.length} numbers as target`,
        expected: `${this.#c} numbers`,
      });
    }
    return new TensorData(TensorFloat, isNumberList(target) ? [list.length] : [], Float32Array.from(list));
  }

  override decodes(x: TensorData): number | number[] {
    const asList = this.#isList ?? (x.shape.length > 0 && x.values.length !== 1);
    return asList || x.values.length > 1 ? Array.from(x.values) : x.values[0]!;
  }

  override toArgs(): JsonObject {
    return {
      ...(this.#c !== undefined && { c: this.#c }),
      ...(this.#isList !== undefined && { isList: this.#isList }),
    };
  }
}

function isNumberList(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

transformRegistry.add("RegressionSetup", ({ c, isList }) => {
  return new RegressionSetup(c as number | undefined, { isList: isList as boolean | undefined });
});
