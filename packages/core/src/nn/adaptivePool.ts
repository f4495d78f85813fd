import * as tf from "@tensorflow/tfjs-core";
import { fmtShape, ShapeError } from "../errors.ts";
import { pair, type Size2d } from "./conv2d.ts";
import { Module } from "./module.ts";

/** Start and end of each window when `size` numbers are shared among `out` windows. */
function shares(size: number, out: number): [start: number, end: number][] {
  return Array.from({ length: out }, (_, i) => [Math.floor((i * size) / out), Math.ceil(((i + 1) * size) / out)]);
}

function check(where: string, x: tf.Tensor, rank: number): void {
  if (x.rank === rank) return;
  const expected = rank === 4 ? "[N, H, W, C]" : "[N, L, C]";
  throw new ShapeError(where, { given: `input ${fmtShape(x.shape)}`, expected });
}

/** Mean over windows that divide the picture into `size` parts, `[N, H, W, C]`. */
export function adaptiveAvgPool2d(x: tf.Tensor, size: Size2d): tf.Tensor {
  check("AdaptiveAvgPool2d", x, 4);
  const [height, width] = x.shape.slice(1, 3) as [number, number];
  const [outHeight, outWidth] = pair(size);
  if (outHeight === height && outWidth === width) return x;
  if (outHeight === 1 && outWidth === 1) return tf.mean(x, [1, 2], true);
  if (height % outHeight === 0 && width % outWidth === 0) {
    const window: [number, number] = [height / outHeight, width / outWidth];
    return tf.avgPool(x as tf.Tensor4D, window, window, "valid");
  }
  return tf.tidy(() => meanAlong(meanAlong(x, 1, outHeight), 2, outWidth));
}

function meanAlong(x: tf.Tensor, axis: number, out: number): tf.Tensor {
  const parts = shares(x.shape[axis]!, out).map(([start, end]) => tf.mean(range(x, axis, start, end), axis, true));
  return tf.concat(parts, axis);
}

function range(x: tf.Tensor, axis: number, start: number, end: number): tf.Tensor {
  const begin = x.shape.map((_, i) => (i === axis ? start : 0));
  return tf.slice(
    x,
    begin,
    x.shape.map((n, i) => (i === axis ? end - start : n)),
  );
}

/** Largest number of windows that divide the picture into `size` parts, `[N, H, W, C]`. */
export function adaptiveMaxPool2d(x: tf.Tensor, size: Size2d): tf.Tensor {
  check("AdaptiveMaxPool2d", x, 4);
  const [height, width] = x.shape.slice(1, 3) as [number, number];
  const [outHeight, outWidth] = pair(size);
  if (outHeight === height && outWidth === width) return x;
  if (height % outHeight === 0 && width % outWidth === 0) {
    const window: [number, number] = [height / outHeight, width / outWidth];
    return tf.maxPool(x as tf.Tensor4D, window, window, "valid");
  }
  const columns = shares(width, outWidth);
  return tf.tidy(() => {
    const rows = shares(height, outHeight).map(([top, bottom]) => {
      const band = range(x, 1, top, bottom);
      const cells = columns.map(([left, right]) => {
        const window: [number, number] = [bottom - top, right - left];
        return tf.maxPool(range(band, 2, left, right) as tf.Tensor4D, window, window, "valid");
      });
      return tf.concat(cells, 2);
    });
    return tf.concat(rows, 1);
  });
}

/** Averages a picture down to `size`, whatever its own size. */
export class AdaptiveAvgPool2d extends Module {
  readonly size: Size2d;

  constructor(size: Size2d = 1) {
    super();
    this.size = size;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return adaptiveAvgPool2d(x, this.size);
  }
}

/** Takes a picture's largest numbers down to `size`, whatever its own size. */
export class AdaptiveMaxPool2d extends Module {
  readonly size: Size2d;

  constructor(size: Size2d = 1) {
    super();
    this.size = size;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return adaptiveMaxPool2d(x, this.size);
  }
}

/** Largest numbers, then means, side by side on the channel axis: `[N, H, W, C]` to `[N, size, size, 2C]`. */
export class AdaptiveConcatPool2d extends Module {
  readonly size: Size2d;

  constructor(size: Size2d = 1) {
    super();
    this.size = size;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.concat([adaptiveMaxPool2d(x, this.size), adaptiveAvgPool2d(x, this.size)], 3));
  }
}

/** Runs a pool over pictures on `[N, L, C]`. */
function alongLength(where: string, x: tf.Tensor, pool: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
  check(where, x, 3);
  return tf.tidy(() => tf.squeeze(pool(tf.expandDims(x, 1)), [1]));
}

/** Averages a sequence down to `size` steps. */
export class AdaptiveAvgPool1d extends Module {
  readonly size: number;

  constructor(size = 1) {
    super();
    this.size = size;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return alongLength("AdaptiveAvgPool1d", x, (y) => adaptiveAvgPool2d(y, [1, this.size]));
  }
}

/** Takes a sequence's largest numbers down to `size` steps. */
export class AdaptiveMaxPool1d extends Module {
  readonly size: number;

  constructor(size = 1) {
    super();
    this.size = size;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return alongLength("AdaptiveMaxPool1d", x, (y) => adaptiveMaxPool2d(y, [1, this.size]));
  }
}

/** Largest numbers, then means, of a sequence: `[N, L, C]` to `[N, size, 2C]`. */
export class AdaptiveConcatPool1d extends Module {
  readonly size: number;

  constructor(size = 1) {
    super();
    this.size = size;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const size: Size2d = [1, this.size];
    return alongLength("AdaptiveConcatPool1d", x, (y) =>
      tf.concat([adaptiveMaxPool2d(y, size), adaptiveAvgPool2d(y, size)], 3),
    );
  }
}
