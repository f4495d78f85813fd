import * as tf from "@tensorflow/tfjs-core";
import { gelu, mish, swish } from "./activationMath.ts";
import { filled } from "./draws.ts";
import { type InitFunc, kaimingUniform, xavierUniform } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** `max(x, 0)`. */
export class ReLU extends Module {
  static readonly defaultInit: InitFunc = (weight) => kaimingUniform(weight);

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.relu(x);
  }
}

/** `min(max(x, 0), 6)`. */
export class ReLU6 extends Module {
  static readonly defaultInit: InitFunc = (weight) => kaimingUniform(weight);

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.relu6(x);
  }
}

/** `x` above 0, `slope * x` below. */
export class LeakyReLU extends Module {
  static readonly defaultInit: InitFunc = (weight) => kaimingUniform(weight);
  readonly negativeSlope: number;

  constructor(negativeSlope = 0.01) {
    super();
    this.negativeSlope = negativeSlope;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.leakyRelu(x, this.negativeSlope);
  }
}

/** Leaky ReLU with a learned slope: one for all, or one per channel. @see He et al. 2015, https://arxiv.org/abs/1502.01852 */
export class PReLU extends Module {
  weight: Parameter;

  constructor(numParameters = 1, init = 0.25) {
    super();
    this.weight = new Parameter(filled([numParameters], init));
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.prelu(x, this.weight.value);
  }
}

/** `x` above 0, `alpha * (exp(x) - 1)` below. */
export class ELU extends Module {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    if (this.alpha === 1) return tf.elu(x);
    return tf.tidy(() => tf.add(tf.relu(x), tf.mul(tf.expm1(tf.minimum(x, 0)), this.alpha)));
  }
}

/** ELU scaled to normalize itself. @see Klambauer et al. 2017, https://arxiv.org/abs/1706.02515 */
export class SELU extends Module {
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.selu(x);
  }
}

/** `x` weighted by the normal distribution. @see Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415 */
export class GELU extends Module {
  readonly approximate: "none" | "tanh";

  constructor({ approximate = "none" }: { approximate?: "none" | "tanh" } = {}) {
    super();
    this.approximate = approximate;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return gelu(x, this.approximate);
  }
}

export class Sigmoid extends Module {
  static readonly defaultInit: InitFunc = (weight) => xavierUniform(weight);

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.sigmoid(x);
  }
}

export class LogSigmoid extends Module {
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.logSigmoid(x);
  }
}

export class Tanh extends Module {
  static readonly defaultInit: InitFunc = (weight) => xavierUniform(weight);

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.tanh(x);
  }
}

/** `x / (1 + |x|)`. */
export class Softsign extends Module {
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.div(x, tf.add(tf.abs(x), 1)));
  }
}

/** `log(1 + exp(x))`. */
export class Softplus extends Module {
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.softplus(x);
  }
}

/** Shares that sum to 1 along the last axis. */
export class Softmax extends Module {
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.softmax(x);
  }
}

/** Logarithm of the softmax along the last axis. */
export class LogSoftmax extends Module {
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.logSoftmax(x);
  }
}

/** `x * tanh(softplus(x))`. @see Misra 2019, https://arxiv.org/abs/1908.08681 */
export class Mish extends Module {
  static readonly defaultInit: InitFunc = (weight) => kaimingUniform(weight);

  override forward(x: tf.Tensor): tf.Tensor {
    return mish(x);
  }
}

/** `x * sigmoid(x)`. @see Ramachandran et al. 2017, https://arxiv.org/abs/1710.05941 */
export class Swish extends Module {
  static readonly defaultInit: InitFunc = (weight) => kaimingUniform(weight);

  override forward(x: tf.Tensor): tf.Tensor {
    return swish(x);
  }
}

/** PyTorch's name of {@link Swish}. */
export class SiLU extends Swish {}

/** Sigmoid of straight pieces: `clip(x / 6 + 0.5, 0, 1)`. */
export class Hardsigmoid extends Module {
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.div(tf.relu6(tf.add(x, 3)), 6));
  }
}

/** Swish of straight pieces. @see Howard et al. 2019, https://arxiv.org/abs/1905.02244 */
export class Hardswish extends Module {
  override forward(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6)));
  }
}

/** `clip(x, low, high)`. */
export class Hardtanh extends Module {
  readonly low: number;
  readonly high: number;

  constructor(low = -1, high = 1) {
    super();
    this.low = low;
    this.high = high;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return tf.clipByValue(x, this.low, this.high);
  }
}
