import { describe, expect, test } from "vitest";
import { checkLeaks } from "../test/passes.ts";
import { mergeTfms } from "./mergeTfms.ts";
import { Categorize } from "./transforms/categorize.ts";
import { MultiCategorize } from "./transforms/multiCategorize.ts";
import { ToTensor } from "./transforms/toTensor.ts";

checkLeaks();

describe("mergeTfms", () => {
  test("keeps of each class the last, in the place of the first", () => {
    const vocab = (...names: string[]) => new Categorize({ vocab: names });
    const last = vocab("a", "b");
    const merged = mergeTfms([new Categorize(), new MultiCategorize(), vocab("dog", "cat")], [last]);
    expect(merged).toHaveLength(2);
    expect(merged[0]).toBe(last);
    expect(merged[1]).toBeInstanceOf(MultiCategorize);
  });

  test("a class and its instance are alike; functions only if they are the same", () => {
    const own = new ToTensor();
    const f = (x: number) => x;
    expect(mergeTfms([ToTensor, f], [own, f, (x: number) => x])).toHaveLength(3);
    expect(mergeTfms([ToTensor], [own])[0]).toBeInstanceOf(ToTensor);
  });
});
