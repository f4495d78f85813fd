import { describe, expect, test } from "vitest";
import { cleanText, escapeXml } from "./escape.ts";
import { columnWidth, textWidth } from "./textWidth.ts";
import { ellipsize, wrapText } from "./wrapText.ts";

describe("escapeXml", () => {
  test("markup becomes text", () => {
    expect(escapeXml(`<script>&"'`)).toBe("&lt;script&gt;&amp;&quot;&#39;");
  });

  test("what XML forbids is dropped, and half a surrogate pair replaced", () => {
    expect(cleanText("a\u0000b\u001bc\uffff")).toBe("abc");
    expect(cleanText("x\ud83d")).toBe("x\ufffd");
    expect(cleanText("猫 β 😀\r\nb")).toBe("猫 β 😀\nb");
  });
});

describe("textWidth", () => {
  test("it follows the font, and bold is wider", () => {
    expect(textWidth("m", 10)).toBeCloseTo(9.74);
    expect(textWidth("i", 10)).toBeCloseTo(2.78);
    expect(textWidth("cat", 10, true)).toBeGreaterThan(textWidth("cat", 10));
  });

  test("an East Asian character takes two columns, a combining one none", () => {
    expect(columnWidth("猫a")).toBe(3);
    expect(columnWidth("e\u0301")).toBe(1);
  });
});

describe("wrapText", () => {
  const room = { width: 60, fontSize: 10 };

  test("every line fits, and nothing is lost", () => {
    const text = "one two three four staffordshire_bull_terrier/beagle";
    const lines = wrapText(text, room);
    for (const line of lines) expect(textWidth(line, 10)).toBeLessThanOrEqual(60);
    expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
  });

  test("a name breaks at its joints", () => {
    expect(wrapText("american_bulldog", room)).toEqual(["american_", "bulldog"]);
  });

  test("a line break in the text stays one", () => {
    expect(wrapText("a\nb", room)).toEqual(["a", "b"]);
  });

  test("what goes beyond maxLines ends in an ellipsis", () => {
    const lines = wrapText("one two three four five six seven eight nine ten", { ...room, maxLines: 2 });
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/…$/);
    expect(ellipsize("abc", room)).toBe("abc");
  });
});
