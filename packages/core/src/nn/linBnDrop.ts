import { checkOptions } from "../checkOptions.ts";
import { Sequential } from "./containers.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import type { AnyModule } from "./module.ts";
import { batchNorm } from "./normType.ts";

export interface LinBnDropOptions {
  /** @defaultValue true */
  bn?: boolean;
  /** Probability of dropout; 0 leaves the layer out. @defaultValue 0 */
  p?: number;
  /** Activation after the linear layer. @defaultValue null */
  act?: AnyModule | null;
  /** Linear, activation, norm, dropout instead of norm, dropout, linear, activation. @defaultValue false */
  linFirst?: boolean;
}

/** Batch norm, dropout, linear layer and activation: one step of a head. The linear layer has a bias if there is no norm. */
export class LinBnDrop extends Sequential {
  constructor(nIn: number, nOut: number, options: LinBnDropOptions = {}) {
    checkOptions("LinBnDrop", options, { bn: true, p: true, act: true, linFirst: true });
    const { bn = true, p = 0, act = null, linFirst = false } = options;
    const regular: AnyModule[] = bn ? [batchNorm(linFirst ? nOut : nIn, { ndim: 1 })] : [];
    if (p !== 0) regular.push(new Dropout(p));
    const linear: AnyModule[] = [new Linear(nIn, nOut, { bias: !bn }), ...(act === null ? [] : [act])];
    super(...(linFirst ? [...linear, ...regular] : [...regular, ...linear]));
  }
}
