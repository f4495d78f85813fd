import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gradient } from "../../test/pictures.ts";
import { cropPad } from "./cropPad.ts";
import { resizeBilinear, resizeBox, resizeNearest } from "./resample.ts";

const side = fc.integer({ min: 1, max: 40 });
const channels = fc.constantFrom(1 as const, 3 as const, 4 as const);

describe("resizeBilinear", () => {
  test("filters when it shrinks", () => {
    const row = { width: 4, height: 1, channels: 1, data: Uint8Array.of(0, 0, 255, 255) };
    expect([...resizeBilinear(row, 2, 1).data]).toEqual([36, 219]);
    const ramp = { width: 3, height: 1, channels: 1, data: Uint8Array.of(0, 100, 200) };
    expect([...resizeBilinear(ramp, 6, 1).data]).toEqual([0, 25, 75, 125, 175, 200]);
  });

  test("keeps a plain color, for every size and number of channels", () => {
    const law = fc.property(
      side,
      side,
      side,
      side,
      channels,
      fc.integer({ min: 0, max: 255 }),
      (w, h, toW, toH, c, value) => {
        const plain = { width: w, height: h, channels: c, data: new Uint8Array(w * h * c).fill(value) };
        const { data, ...size } = resizeBilinear(plain, toW, toH);
        expect(size).toEqual({ width: toW, height: toH, channels: c });
        expect(data).toEqual(new Uint8Array(toW * toH * c).fill(value));
      },
    );
    fc.assert(law);
  });

  test("gives a copy of the same size", () => {
    const picture = gradient(9, 5);
    const { data } = resizeBilinear(picture, 9, 5);
    expect(data).toEqual(picture.data);
    expect(data.buffer).not.toBe(picture.data.buffer);
  });

  test("a large picture is worked on in strips, with the same result as its parts", () => {
    const [width, height] = [1200, 700];
    const picture = gradient(width, height);
    const whole = resizeBilinear(picture, 300, height);
    const box = { left: 0, top: 400, width, height: 100 };
    expect(resizeBox(picture, box, 300, 100).data).toEqual(whole.data.slice(400 * 900, 500 * 900));
  });
});

test("resizeBox is crop, then resize", () => {
  const picture = gradient(31, 22);
  const box = { left: 5, top: 3, width: 17, height: 11 };
  expect(resizeBox(picture, box, 8, 9)).toEqual(resizeBilinear(cropPad(picture, box, "zeros"), 8, 9));
});

test("resizeNearest only ever picks values that are there", () => {
  const law = fc.property(side, side, side, side, (w, h, toW, toH) => {
    const data = Int32Array.from({ length: w * h }, (_, i) => i * 7);
    const out = resizeNearest({ width: w, height: h, channels: 1, data }, toW, toH);
    expect(out.data.length).toBe(toW * toH);
    expect(out.data.every((value) => value % 7 === 0 && value < 7 * w * h)).toBe(true);
  });
  fc.assert(law);
});
