import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { NativeBackend } from "./backend.ts";
import { runOnCpu } from "./fallback.ts";
import { arrangeKernels } from "./kernels/arrange.ts";
import { batchNormKernels } from "./kernels/batchNorm.ts";
import { binaryKernels } from "./kernels/binary.ts";
import { bincountKernels } from "./kernels/bincount.ts";
import { blockKernels } from "./kernels/blocks.ts";
import { conv2dKernels } from "./kernels/conv2d.ts";
import { depthwiseConv2dKernels } from "./kernels/depthwiseConv2d.ts";
import { dropoutKernels } from "./kernels/dropout.ts";
import { embeddingKernels } from "./kernels/embedding.ts";
import { fillKernels } from "./kernels/fill.ts";
import { gatherKernels } from "./kernels/gather.ts";
import { layerNormKernels } from "./kernels/layerNorm.ts";
import { matMulKernels } from "./kernels/matMul.ts";
import { mirrorPadKernels } from "./kernels/mirrorPad.ts";
import { optimizerStepKernels } from "./kernels/optimizerStep.ts";
import { pictureKernels } from "./kernels/pictures.ts";
import { poolKernels } from "./kernels/pool.ts";
import { recurrentKernels } from "./kernels/recurrent.ts";
import { reduceKernels } from "./kernels/reduce.ts";
import { reluGradKernels } from "./kernels/reluGrad.ts";
import { selectKernels } from "./kernels/select.ts";
import { shapeKernels } from "./kernels/shape.ts";
import { softmaxCrossEntropyKernels } from "./kernels/softmaxCrossEntropy.ts";
import { unaryKernels } from "./kernels/unary.ts";
import type { Infos, KernelTable } from "./kernelTable.ts";

/** tfjs' name of the backend. */
export const backendName = "native";

/** Above tfjs' own: 1 is plain JS, 2 WebAssembly, 3 TensorFlow. */
const priority = 10;

const tables: readonly KernelTable[] = [
  matMulKernels,
  conv2dKernels,
  depthwiseConv2dKernels,
  shapeKernels,
  fillKernels,
  unaryKernels,
  binaryKernels,
  bincountKernels,
  selectKernels,
  reduceKernels,
  arrangeKernels,
  blockKernels,
  gatherKernels,
  mirrorPadKernels,
  pictureKernels,
  batchNormKernels,
  dropoutKernels,
  embeddingKernels,
  layerNormKernels,
  optimizerStepKernels,
  poolKernels,
  recurrentKernels,
  reluGradKernels,
  softmaxCrossEntropyKernels,
];

/** Names of the kernels computed in C++; tfjs' plain-JS kernels do the others, and inputs that these leave to them. */
export function nativeKernels(): string[] {
  return tables.flatMap((table) => Object.keys(table));
}

/** Registers the backend and its kernels; what has none here is left to tfjs' plain-JS kernels. */
export function register(): void {
  if (tf.findBackendFactory(backendName) !== null) return;
  tf.registerBackend(backendName, () => new NativeBackend(), priority);
  const onCpu = new Map(tf.getKernelsForBackend("cpu").map((config) => [config.kernelName, config]));
  for (const table of tables) {
    for (const [kernelName, run] of Object.entries(table)) {
      const fallback = onCpu.get(kernelName);
      onCpu.delete(kernelName);
      tf.registerKernel({
        kernelName,
        backendName,
        kernelFunc: ({ inputs, attrs, backend }) => {
          const made = run(backend as NativeBackend, inputs as Infos, attrs);
          if (made !== undefined) return made;
          if (fallback === undefined) throw new Error(`${kernelName}: these types of tensors are not supported`);
          return runOnCpu(fallback, backend as NativeBackend, inputs, attrs ?? {});
        },
      });
    }
  }
  for (const [kernelName, config] of onCpu) {
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => runOnCpu(config, backend as NativeBackend, inputs, attrs ?? {}),
    });
  }
}
