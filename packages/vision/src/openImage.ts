import { checkOptions, type KnownOptions } from "@layerwise/core";
import { CrossEntropyLossFlat } from "@layerwise/core/losses";
import { type JsonObject, type MaybePromise, Transform, transformRegistry } from "@layerwise/data";
import { ImageItem, ImageItemBW, type ImageSource } from "./image/imageItem.ts";
import { MaskItem, type MaskSource } from "./image/maskItem.ts";
import type { ReadOptions } from "./image/readPixels.ts";

export interface OpenImageOptions extends ReadOptions {
  /** Reads pictures in gray. @defaultValue false */
  bw?: boolean;
}

export const OPEN_IMAGE: KnownOptions<OpenImageOptions> = { bw: true, autoOrient: true };

/** Makes a picture of a path, or of anything else that {@link ImageItem.create} takes. */
export class OpenImage extends Transform {
  readonly options: OpenImageOptions;

  constructor(options: OpenImageOptions = {}) {
    super();
    checkOptions("OpenImage", options, OPEN_IMAGE);
    this.options = options;
  }

  override encodes(source: ImageSource): MaybePromise<ImageItem> {
    return (this.options.bw ? ImageItemBW : ImageItem).open(source, this.options);
  }

  override takesSource(x: unknown): boolean {
    return isBytes(x) || x instanceof ImageItem;
  }

  override toArgs(): JsonObject {
    return { ...this.options };
  }
}

/** Makes a mask of a path, or of anything else that {@link MaskItem.create} takes. */
export class OpenMask extends Transform {
  readonly lossFunc: CrossEntropyLossFlat = new CrossEntropyLossFlat();

  override encodes(source: MaskSource): Promise<MaskItem> {
    return MaskItem.create(source);
  }

  override takesSource(x: unknown): boolean {
    return isBytes(x) || x instanceof MaskItem;
  }
}

function isBytes(x: unknown): boolean {
  return x instanceof Uint8Array || x instanceof ArrayBuffer;
}

/** Names the classes of masks, so that they are shown by name and counted. */
export class AddMaskCodes extends Transform {
  readonly vocab: readonly string[] | undefined;
  readonly c: number | undefined;

  constructor(codes?: readonly string[]) {
    super();
    this.vocab = codes;
    this.c = codes?.length;
  }

  override toArgs(): JsonObject {
    return this.vocab === undefined ? {} : { codes: this.vocab };
  }
}

AddMaskCodes.on(MaskItem, null, (mask, { vocab }) => mask.withCodes(vocab));

transformRegistry.add("OpenImage", (options: OpenImageOptions) => new OpenImage(options));
transformRegistry.add("OpenMask", () => new OpenMask());
transformRegistry.add("AddMaskCodes", ({ codes }: { codes?: readonly string[] }) => new AddMaskCodes(codes));
