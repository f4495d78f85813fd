import type * as tf from "@tensorflow/tfjs-core";
import type { NativeBackend } from "./backend.ts";

export type Infos = Record<string, tf.TensorInfo>;
export type KernelOutput = tf.TensorInfo | tf.TensorInfo[];

/**
 * One tfjs kernel on native memory; it may answer undefined for inputs it does not know (complex numbers, strings),
 * which are then left to tfjs' own.
 */
// biome-ignore lint/suspicious/noExplicitAny: each tfjs kernel has attributes of its own
export type NativeKernelFunc = (backend: NativeBackend, inputs: Infos, attrs: any) => KernelOutput | undefined;

/** Kernels by tfjs' name. */
export type KernelTable = Record<string, NativeKernelFunc>;
