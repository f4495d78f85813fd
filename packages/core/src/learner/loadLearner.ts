import { useBackend } from "../backend/index.ts";
import { FileFormatError } from "../errors.ts";
import { lossFromConfig } from "../losses/index.ts";
import { buildModel } from "../nn/index.ts";
import type { DataSources } from "./dataSource.ts";
import { dataSourcesRegistry, type Exported } from "./export.ts";
import { Learner } from "./learner.ts";
import { readModelFile } from "./modelFile.ts";

/**
 * Reads what `learn.export` wrote, ready to predict and to go on training with new data. Runs no code from the file.
 * @throws {@link FileFormatError} if the file is damaged or foreign
 * @throws {@link OptionError} if a name in it is not registered: import the package that defines it
 */
export async function loadLearner<X = unknown, Y = unknown>(file: string): Promise<Learner<X, Y>> {
  await useBackend();
  const { model: state, arch, extra } = await readModelFile(file, ["learner"]);
  const { name, args } = arch as { name: string; args: Record<string, unknown> };
  const { data, loss } = extra as unknown as Exported;
  if (typeof name !== "string" || typeof data?.kind !== "string" || typeof loss?.name !== "string") {
    throw new FileFormatError(file, { given: "an incomplete description", expected: "a file of `learn.export`" });
  }
  const dls = dataSourcesRegistry.get(data.kind)(data) as DataSources<X, Y>;
  const lossFunc = lossFromConfig(loss);
  const model = buildModel(name, args ?? {});
  try {
    model.loadStateDict(state);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return new Learner(dls, model, { lossFunc });
}
