import { OptionError } from "@layerwise/core";
import { asTuple, type JsonObject, RandTransform, type TransformContext, transformRegistry } from "@layerwise/data";
import { AudioItem } from "./audioItem.ts";

/** Where the crop begins, in samples; below 0 there is silence first. */
type Start = number;

/** Cuts clips to one length: anywhere on the training split, else in the middle. Shorter clips get silence around them. */
export class CropTime extends RandTransform<Start> {
  override order = 1;
  override splitIdx: number | null = null;
  readonly seconds: number;

  constructor(seconds: number) {
    super();
    if (!(seconds > 0 && Number.isFinite(seconds))) {
      throw new OptionError("CropTime", { given: `${seconds} seconds`, expected: "a length above 0" });
    }
    this.seconds = seconds;
  }

  /** Length of the crop, in samples. */
  lengthFor({ sampleRate }: AudioItem): number {
    return Math.max(1, Math.round(this.seconds * sampleRate));
  }

  override beforeCall(x: unknown, { splitIdx, rng }: TransformContext): Start {
    const audio = asTuple(x).find(AudioItem);
    if (audio === undefined) return 0;
    const slack = audio.samples.length - this.lengthFor(audio);
    return splitIdx === 0 ? rng.integer(Math.min(0, slack), Math.max(0, slack) + 1) : Math.floor(slack / 2);
  }

  override toArgs(): JsonObject {
    return { seconds: this.seconds };
  }
}

CropTime.on(AudioItem, (x, tfm, { draw }) => x.crop(draw, tfm.lengthFor(x)));

transformRegistry.add("CropTime", ({ seconds }: { seconds: number }) => new CropTime(seconds));
