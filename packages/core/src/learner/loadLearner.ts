import { useBackend } from "../backend/index.ts";
import { FileFormatError, LayerwiseError } from "../errors.ts";
import { lossFromConfig } from "../losses/index.ts";
import { type AnyModule, buildModel } from "../nn/index.ts";
import type { DataSources } from "./dataSource.ts";
import { dataSourcesRegistry, type Exported } from "./export.ts";
import { Learner } from "./learner.ts";
import { settingsFromConfig } from "./learnerSettings.ts";
import { readModelFile } from "./modelFile.ts";

/**
 * Reads what `learn.export` wrote, ready to predict and to go on training with new data. Runs no code from the file.
 * @throws {@link FileFormatError} if the file is damaged or foreign
 * @throws {@link OptionError} if a name in it is not registered: import the package that defines it
 */
export async function loadLearner<X = unknown, Y = unknown>(file: string): Promise<Learner<X, Y>> {
  await useBackend();
  const { model: state, arch, extra } = await readModelFile(file, ["learner"]);
  const { name, args } = (arch ?? {}) as { name?: unknown; args?: unknown };
  const { data, loss, settings } = (extra ?? {}) as { [K in keyof Exported]?: Exported[K] | null };
  if (typeof name !== "string" || typeof data?.kind !== "string" || typeof loss?.name !== "string") {
    throw damaged(file, "an incomplete description");
  }
  let model: AnyModule | undefined;
  try {
    const dls = dataSourcesRegistry.get(data.kind)(data) as DataSources<X, Y>;
    const lossFunc = lossFromConfig(loss);
    model = buildModel(name, typeof args === "object" && args !== null ? { ...args } : {});
    model.loadStateDict(state);
    return new Learner(dls, model, { ...settingsFromConfig(settings), lossFunc });
  } catch (error) {
    model?.dispose();
    if (error instanceof LayerwiseError) throw error;
    throw damaged(
      file,
      `a description that cannot be built (${error instanceof Error ? error.message : error})`,
      error,
    );
  }
}

function damaged(file: string, given: string, cause?: unknown): FileFormatError {
  return new FileFormatError(file, {
    given,
    expected: "a file of `learn.export`, as it was written",
    fix: "export the learner again",
    ...(cause === undefined ? {} : { cause }),
  });
}
