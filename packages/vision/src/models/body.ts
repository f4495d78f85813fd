import { checkOptions, OptionError } from "@layerwise/core";
import { type AnyModule, type Buffer, Conv2d, type Parameter, Sequential } from "@layerwise/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** Where a model is cut: a number of children (negative from the end), a function, or `null`: before the last pooling. */
export type Cut = number | null | ((model: AnyModule) => AnyModule);

/** Whether the module, or anything in it, is a pooling layer. */
export function hasPoolType(module: AnyModule): boolean {
  return /Pool[123]d$/.test(module.constructor.name) || module.children().some(hasPoolType);
}

/**
 * The part of a model before `cut`, as a Sequential; what a function returns is its only child, unless it is one already.
 * The rest of the model is freed.
 */
export function cutModel(model: AnyModule, cut: Cut): Sequential {
  const body = typeof cut === "function" ? asSequential(cut(model)) : new Sequential(...childrenBefore(model, cut));
  const kept = new Set(ownedBy(body));
  for (const part of ownedBy(model)) if (!kept.has(part)) part.dispose();
  return body;
}

function asSequential(module: AnyModule): Sequential {
  return module instanceof Sequential ? module : new Sequential(module);
}

function ownedBy(module: AnyModule): (Parameter | Buffer)[] {
  return [...module.parameters(), ...module.namedBuffers().map(([, buffer]) => buffer)];
}

function childrenBefore(model: AnyModule, cut: number | null): AnyModule[] {
  const children = model.children();
  const at = cut ?? children.findLastIndex(hasPoolType);
  if (cut === null && at < 0) {
    throw new OptionError("cutModel", {
      given: `${model.constructor.name}, which has no pooling layer`,
      expected: "a place to cut",
      fix: "pass `cut`: a number of children to keep, or a function that returns the body",
    });
  }
  const kept = children.slice(0, at);
  if (!Number.isInteger(at) || kept.length === 0 || at > children.length) {
    throw new OptionError("cutModel", {
      given: `cut ${at} for ${model.constructor.name}, which has ${children.length} children`,
      expected: "to keep at least one of them",
      fix: "count from the end with a negative number, such as -2, or pass a function that returns the body",
    });
  }
  return kept;
}

/** The feature extractor of a model: everything before its pooling and classifier. */
export function createBody(
  model: AnyModule,
  options: { nIn?: number; cut?: Cut; pretrained?: boolean } = {},
): Sequential {
  checkOptions("createBody", options, { nIn: true, cut: true, pretrained: true });
  const { nIn = 3, cut = null, pretrained = false } = options;
  adaptFirstConv(model, nIn, pretrained);
  return cutModel(model, cut);
}

/**
 * Makes the first convolution take `nIn` channels. Trained filters are kept: their sum for grey pictures, the first
 * two times 1.5 for two channels; channels beyond the third start at zero.
 */
export function adaptFirstConv(model: AnyModule, nIn: number, pretrained: boolean): void {
  const conv = model.modules().find((module): module is Conv2d => module instanceof Conv2d);
  if (conv === undefined || conv.inChannels === nIn) return;
  if (conv.inChannels !== 3) {
    throw new OptionError("createBody", {
      given: `a first convolution of ${conv.inChannels} channels for pictures of ${nIn}`,
      expected: "a model for 3 channels, which can be adapted, or for as many as the pictures have",
      fix:
        conv.inChannels === 1
          ? "read the pictures in gray with `bw: true`"
          : `pass \`nIn: ${conv.inChannels}\` and pictures that have as many`,
    });
  }
  const { kernelSize, stride, padding, outChannels } = conv;
  const hasBias = conv.bias !== null;
  const fresh = new Conv2d(nIn, outChannels, { kernelSize, stride, padding, bias: hasBias });
  if (pretrained) {
    const old = conv.weight as Parameter; // [H, W, 3, out]
    (fresh.weight as Parameter).assign(tf.tidy(() => filtersFor(old.value, nIn)));
    if (hasBias) (fresh.bias as Parameter).assign(tf.clone((conv.bias as Parameter).value));
  }
  replaceModule(model, conv, fresh);
  conv.dispose();
}

function filtersFor(filters: tf.Tensor, nIn: number): tf.Tensor {
  if (nIn === 1) return tf.sum(filters, 2, true);
  if (nIn === 2) return tf.mul(tf.slice(filters, [0, 0, 0, 0], [-1, -1, 2, -1]), 1.5);
  const [h, w, , out] = filters.shape as [number, number, number, number];
  return tf.concat([filters, tf.zeros([h, w, nIn - 3, out])], 2);
}

/** Puts `fresh` wherever `old` is found below `root`. */
function replaceModule(root: AnyModule, old: AnyModule, fresh: AnyModule): void {
  for (const parent of root.modules()) {
    if (parent instanceof Sequential) {
      const at = parent.layers.indexOf(old);
      if (at >= 0) parent.replace(at, fresh);
    }
    for (const [field, value] of Object.entries(parent)) if (value === old) Object.assign(parent, { [field]: fresh });
  }
}
