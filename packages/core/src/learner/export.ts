import { isAbsolute, join } from "node:path";
import { StateError } from "../errors.ts";
import { lossRegistry } from "../losses/index.ts";
import { Registry } from "../registry.ts";
import type { DataSources, JsonValue } from "./dataSource.ts";
import { type ExportedParts, partsToConfig } from "./exportedParts.ts";
import type { Learner } from "./learner.ts";
import { settingsToConfig } from "./learnerSettings.ts";
import { writeModelFile } from "./modelFile.ts";

/** Makes empty loaders from what `DataSources.toConfig` wrote; by the `kind` in there. Data packages add a row. */
export const dataSourcesRegistry: Registry<(config: JsonValue) => DataSources> = new Registry("kind of loaders");

/** What an exported file says beside architecture and weights. */
export interface Exported {
  data: { kind: string } & Record<string, JsonValue>;
  loss: { name: string; args: Record<string, unknown> };
  /** Learning rate, optimizer and the like, to go on training. */
  settings: JsonValue;
  parts: ExportedParts;
}

/** One file that predicts from raw items: data only, every name in it is looked up in a registry when it is loaded. */
export async function exportLearner(learn: Learner, file: string): Promise<string> {
  const { arch, archHint } = learn.model;
  if (arch === undefined) {
    throw new StateError("Learner.export", {
      given: `a ${learn.model.constructor.name} that no registry knows`,
      expected: "a model built by name, so that the file can say how to build it again",
      fix: archHint ?? '`models.add("myModel", (args) => new MyModel(args))`, then train `buildModel("myModel", args)`',
    });
  }
  const { lossFunc } = learn;
  if (typeof lossFunc === "function" || !lossRegistry.has(lossFunc.name)) {
    throw new StateError("Learner.export", {
      given: `${typeof lossFunc === "function" ? "the function" : "a loss that no registry knows,"} "${lossFunc.name}" as the loss`,
      expected: "a registered loss: prediction needs its activation and decoding",
      fix: "use a loss of `@layerwise/core/losses`, or `lossRegistry.add` a subclass of `BaseLoss`",
    });
  }
  const path = isAbsolute(file) ? file : join(learn.path, file);
  const extra: Exported = {
    data: learn.dls.toConfig() as Exported["data"],
    loss: lossFunc.toConfig(),
    settings: settingsToConfig(learn),
    parts: partsToConfig(learn),
  };
  await writeModelFile(path, {
    kind: "learner",
    model: await learn.model.stateDict(),
    arch: arch as unknown as JsonValue,
    extra: extra as unknown as JsonValue,
  });
  return path;
}
