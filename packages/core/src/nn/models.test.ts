import { describe, expect, test } from "vitest";
import { Linear } from "./linear.ts";
import { buildModel, models } from "./models.ts";

declare module "./models.ts" {
  interface ModelArgs {
    "test.typed": { nOut: number };
  }
}

models.add("test.typed", ({ nOut }) => new Linear(2, nOut));
models.add("test.plain", () => new Linear(2, 3));

describe("buildModel", () => {
  test("notes how to build the model again, whatever becomes of the arguments", () => {
    const args = { nOut: 4 };
    const model = buildModel("test.typed", args);
    args.nOut = 5;
    expect(model.arch).toEqual({ name: "test.typed", args: { nOut: 4 } });
    expect(buildModel("test.plain").arch).toEqual({ name: "test.plain", args: {} });
  });

  test("takes the arguments that the compiler was told of, and any for other names", () => {
    // @ts-expect-error: a number is meant
    expect(() => buildModel("test.typed", { nOut: "four" })).toThrow();
    buildModel("test.plain", { anything: true });
    buildModel("test.plain" as string, {});
  });
});
