import type { Tensor } from "@tensorflow/tfjs-core";
import { Module } from "./module.ts";

/** Gives its input back and, on the way, calls `look` with it: a place to stop between two layers. */
export class Debugger extends Module {
  readonly #look: (x: Tensor) => void;

  /** @param look - stops in an attached debugger, unless given */
  constructor(look: (x: Tensor) => void = stop) {
    super();
    this.#look = look;
  }

  override forward(x: Tensor): Tensor {
    this.#look(x);
    return x;
  }
}

function stop(_x: Tensor): void {
  // biome-ignore lint/suspicious/noDebugger: it is what the layer is for
  debugger;
}
