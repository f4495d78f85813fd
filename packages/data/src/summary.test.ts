import { describe, expect, test } from "vitest";
import { checkLeaks } from "../test/passes.ts";
import { petsBlock } from "../test/pets.ts";
import { Transform } from "./transform.ts";

checkLeaks();

describe("summary", () => {
  test("shows every step of one batch", async () => {
    const lines: string[] = [];
    await petsBlock().summary("pets", { bs: 3, log: (line) => lines.push(line) });
    const text = lines.join("\n");
    expect(text).toContain("Found 20 items");
    expect(text).toContain("2 datasets of sizes 15,5");
    expect(text).toMatch(/starting from pets\/cat\/0.png\n.*applying ReadPicture gives Picture 2x2/);
    expect(text).toContain("applying parentLabel gives cat");
    expect(text).toContain(
      "applying Categorize(vocab: [ 'cat', 'dog' ], addNa: false, sort: false) gives TensorCategory(0)",
    );
    expect(text).toContain("Final sample: (Picture 2x2, TensorCategory(0))");
    expect(text).toContain("applying ToTensor gives (TensorImageBW of size 2x2x1, TensorCategory(0))");
    expect(text).toContain("Adding the next 2 samples");
    expect(text).toContain(
      "applying IntToFloatTensor(div: 255, divMask: 1) gives (TensorImageBW of size 3x2x2x1, TensorCategory of size 3)",
    );
  });

  test("explains the first failure", async () => {
    const lines: string[] = [];
    class Explode extends Transform {
      override encodes(): never {
        throw new Error("out of range");
      }
    }
    const block = petsBlock().with({ itemTfms: [new Explode()] });
    await expect(block.summary("pets", { log: (line) => lines.push(line) })).rejects.toThrow(/Explode on item/);
    expect(lines.join("\n")).toMatch(/failed\.\n.*Explode on item.*out of range/);
  });

  test("refuses options that do not exist", async () => {
    await expect(petsBlock().summary("pets", { batchSize: 2 } as object)).rejects.toThrow(/option "batchSize"/);
  });
});
