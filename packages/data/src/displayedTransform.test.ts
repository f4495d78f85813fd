import { expect, test } from "vitest";
import { DisplayedTransform } from "./displayedTransform.ts";
import { Pipeline } from "./pipeline.ts";
import { RandTransform } from "./randTransform.ts";
import type { JsonObject } from "./transform.ts";
import { ColReader } from "./transforms/colReader.ts";
import { Normalize } from "./transforms/normalize.ts";

class Scale extends DisplayedTransform {
  override toArgs(): JsonObject {
    return { by: 2, method: "nearest", sizes: [1, 2, 3, 4, 5, 6], text: "x".repeat(100) };
  }
}

test("is printed with its settings, long ones cut short; its name stays", () => {
  expect(`${new Scale()}`).toMatch(
    /^Scale\(by: 2, method: 'nearest', sizes: \[ 1, 2, 3, 4, \.\.\. 2 more items \], text: 'x{40}'\.\.\. 60 more characters\)$/,
  );
  expect(new Scale().name).toBe("Scale");
});

test("without settings it is its name", () => {
  expect(`${new Pipeline([new Normalize(), new RandTransform(), new ColReader("a")])}`).toBe(
    "Pipeline: RandTransform -> ColReader(cols: 'a') -> Normalize",
  );
});
