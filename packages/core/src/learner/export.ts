import { isAbsolute, join } from "node:path";
import { useBackend } from "../backend/index.ts";
import { FileFormatError, StateError } from "../errors.ts";
import { lossRegistry } from "../losses/index.ts";
import { buildModel } from "../nn/index.ts";
import { Registry } from "../registry.ts";
import type { DataSources, JsonValue } from "./dataSource.ts";
import { Learner } from "./learner.ts";
import { readModelFile, writeModelFile } from "./modelFile.ts";

/** Makes empty loaders from what `DataSources.toConfig` wrote; by the `kind` in there. Data packages add a row. */
export const dataSourcesRegistry: Registry<(config: JsonValue) => DataSources> = new Registry("kind of loaders");

interface Exported {
  data: { kind: string } & Record<string, JsonValue>;
  loss: { name: string; args: Record<string, unknown> };
  /** Learner settings that prediction depends on. */
  lr: JsonValue;
}

/** One file that predicts from raw items: data only, every name in it is looked up in a registry when it is loaded. */
export async function exportLearner(learn: Learner, file: string): Promise<string> {
  const { arch } = learn.model;
  if (arch === undefined) {
    throw new StateError("Learner.export", {
      given: `a ${learn.model.constructor.name} that no registry knows`,
      expected: "a model built by name, so that the file can say how to build it again",
      fix: '`models.add("myModel", (args) => new MyModel(args))`, then train `buildModel("myModel", args)`',
    });
  }
  const { lossFunc } = learn;
  if (typeof lossFunc === "function") {
    throw new StateError("Learner.export", {
      given: `the function "${lossFunc.name}" as the loss`,
      expected: "a registered loss: prediction needs its activation and decoding",
      fix: "use a loss of `@layerwise/core/losses`, or `lossRegistry.add` a subclass of `BaseLoss`",
    });
  }
  const path = isAbsolute(file) ? file : join(learn.path, file);
  const extra = {
    data: learn.dls.toConfig(),
    loss: lossFunc.toConfig(),
    lr: typeof learn.lr === "number" ? learn.lr : null,
  };
  await writeModelFile(path, {
    kind: "learner",
    model: await learn.model.stateDict(),
    arch: arch as unknown as JsonValue,
    extra: extra as unknown as JsonValue,
  });
  return path;
}

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
  const lossFunc = lossRegistry.get(loss.name)(loss.args);
  const model = buildModel(name, args ?? {});
  try {
    model.loadStateDict(state);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return new Learner(dls, model, { lossFunc });
}
