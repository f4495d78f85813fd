import { inspect } from "node:util";
import { Transform } from "./transform.ts";

/** A transform that is printed with its settings, those that `toArgs` names: `Resize(size: 224, method: 'crop')`. */
export class DisplayedTransform extends Transform {
  override toString(): string {
    return withSettings(this);
  }
}

/** Name and settings of a transform, long values cut short. */
export function withSettings(tfm: Transform): string {
  const settings = Object.entries(tfm.toArgs()).map(([name, value]) => {
    return `${name}: ${inspect(value, { depth: 1, maxArrayLength: 4, maxStringLength: 40, breakLength: Infinity })}`;
  });
  return settings.length === 0 ? tfm.name : `${tfm.name}(${settings.join(", ")})`;
}
