import { readField } from "../frame.ts";
import { ItemTransform } from "../itemTransform.ts";
import { type JsonObject, type JsonValue, transformRegistry } from "../transform.ts";
import { Tuple } from "../tuple.ts";

/** Takes element `i` of a sample, array or row: column `i` of `DataBlock.fromColumns`. */
export class ItemGetter extends ItemTransform {
  override readonly retain = false;
  readonly i: number;

  constructor(i: number) {
    super();
    this.i = i;
  }

  override encodes(x: unknown): unknown {
    return readField(x instanceof Tuple ? x.elements : x, this.i, "ItemGetter");
  }

  override toArgs(): JsonObject {
    return { i: this.i };
  }
}

/** Takes the property `property` of an item. */
export class AttrGetter extends ItemTransform {
  override readonly retain = false;
  readonly property: string;
  readonly fallback: JsonValue | undefined;

  /** @param fallback - for items without the property; without one they are an error */
  constructor(property: string, fallback?: JsonValue) {
    super();
    this.property = property;
    this.fallback = fallback;
  }

  override encodes(x: unknown): unknown {
    const has = typeof x === "object" && x !== null && this.property in x;
    return !has && this.fallback !== undefined ? this.fallback : readField(x, this.property, "AttrGetter");
  }

  override toArgs(): JsonObject {
    return { property: this.property, ...(this.fallback !== undefined && { fallback: this.fallback }) };
  }
}

transformRegistry.add("ItemGetter", ({ i }) => new ItemGetter(i as number));
transformRegistry.add("AttrGetter", ({ property, fallback }) => new AttrGetter(property as string, fallback));
