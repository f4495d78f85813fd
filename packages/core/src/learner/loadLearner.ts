import { useBackend } from "../backend/index.ts";
import { FileFormatError, LayerwiseError, OptionError } from "../errors.ts";
import { lossFromConfig } from "../losses/index.ts";
import { type AnyModule, buildModel, type StateDict, skipInit } from "../nn/index.ts";
import { NoRoomError, withinRoom } from "../nn/room.ts";
import type { DataSources } from "./dataSource.ts";
import { dataSourcesRegistry, type Exported } from "./export.ts";
import { partsFromConfig } from "./exportedParts.ts";
import { Learner } from "./learner.ts";
import { settingsFromConfig } from "./learnerSettings.ts";
import { readModelFile } from "./modelFile.ts";

/**
 * Reads what `learn.export` wrote, ready to predict and to go on training with new data. Runs no code from the file,
 * and takes no more memory than a model needs whose weights are in it.
 * @throws {@link OptionError} without a path
 * @throws {@link FileFormatError} if the file is damaged or foreign
 * @throws {@link OptionError} if a name in it is not registered: import the package that defines it
 */
export async function loadLearner<X = unknown, Y = unknown>(file: string): Promise<Learner<X, Y>> {
  if (typeof file !== "string" || file === "") {
    throw new OptionError("loadLearner", {
      given: file === "" ? '""' : typeof file,
      expected: "the path of a file that `learn.export` wrote",
    });
  }
  await useBackend();
  const { model: state, arch, extra } = await readModelFile(file, ["learner"]);
  const { name, args } = (arch ?? {}) as { name?: unknown; args?: unknown };
  const { data, loss, settings, parts } = (extra ?? {}) as { [K in keyof Exported]?: Exported[K] | null };
  if (typeof name !== "string" || typeof data?.kind !== "string" || typeof loss?.name !== "string") {
    throw damaged(file, "an incomplete description");
  }
  let model: AnyModule | undefined;
  let learn: Learner<X, Y> | undefined;
  try {
    const { options, frozenIdx } = partsFromConfig(file, parts);
    const dls = dataSourcesRegistry.get(data.kind)(data) as DataSources<X, Y>;
    const lossFunc = lossFromConfig(loss);
    const given = typeof args === "object" && args !== null ? { ...args } : {};
    model = withinRoom(roomFor(state), () => skipInit(() => buildModel(name, given)));
    model.loadStateDict(state);
    learn = new Learner(dls, model, { ...settingsFromConfig(settings), ...options, lossFunc });
    if (frozenIdx > 0) learn.freezeTo(frozenIdx);
    return learn;
  } catch (error) {
    learn?.opt?.dispose();
    model?.dispose();
    if (error instanceof NoRoomError) {
      throw damaged(file, `an architecture far larger than the weights in the file: ${error.given}`, error);
    }
    if (error instanceof LayerwiseError) throw error;
    throw damaged(
      file,
      `a description that cannot be built (${error instanceof Error ? error.message : error})`,
      error,
    );
  }
}

/** Numbers that a model may have: as the file, and what a builder makes and cuts off, such as another classifier. */
function roomFor(state: StateDict): number {
  let numbers = 0;
  for (const { values } of state.values()) numbers += values.length;
  return 16 * numbers + 2 ** 26;
}

function damaged(file: string, given: string, cause?: unknown): FileFormatError {
  return new FileFormatError(file, {
    given,
    expected: "a file of `learn.export`, as it was written",
    fix: "export the learner again",
    ...(cause === undefined ? {} : { cause }),
  });
}
