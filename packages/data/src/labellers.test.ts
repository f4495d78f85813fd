import { DataError, OptionError } from "@layerwise/core";
import { describe, expect, test } from "vitest";
import { parentLabel, regexLabeller } from "./labellers.ts";

describe("parentLabel", () => {
  test("is the folder's name, with either slash", () => {
    expect(parentLabel("data/train/cat/1.jpg")).toBe("cat");
    expect(parentLabel("data\\train\\dog\\1.jpg")).toBe("dog");
  });

  test("refuses a bare file name", () => {
    expect(() => parentLabel("1.jpg")).toThrow(DataError);
  });
});

describe("regexLabeller", () => {
  test("takes the first group, with slashes for backslashes", () => {
    expect(regexLabeller(/(.+)_\d+\.jpg$/)("great_pyrenees_12.jpg")).toBe("great_pyrenees");
    expect(regexLabeller("/([^/]+)_\\d+.png$")("a\\b\\cat_1.png")).toBe("cat");
    const global = regexLabeller(/(\d+)/g);
    expect([global("a1"), global("a2")]).toEqual(["1", "2"]);
  });

  test("with `match` starts at the start", () => {
    expect(regexLabeller(/(\w+)_/, { match: true })("cat_1")).toBe("cat");
    expect(() => regexLabeller(/(b\w+)/, { match: true })("ab")).toThrow(/"ab"/);
  });

  test("names the path and the pattern that do not fit, and wants a group", () => {
    expect(() => regexLabeller(/(\d+)x/)("cat.jpg")).toThrow(/"cat.jpg", in which \/\(\\d\+\)x\//);
    expect(() => regexLabeller(/\d+/)).toThrow(OptionError);
  });
});
