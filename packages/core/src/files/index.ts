export { atomicWrite, explainWriteError, type FileContent } from "./atomicWrite.ts";
export type { FileTensor } from "./dtypes.ts";
export {
  readSafetensors,
  type SafetensorsContents,
  type WritableTensor,
  writeSafetensors,
} from "./safetensors.ts";
export { type ReadTorchOptions, readTorchFile } from "./torchFile.ts";
