import {
  categoryBlock,
  DataBlock,
  endSplitter,
  IntToFloatTensor,
  parentLabel,
  Transform,
  type TransformBlock,
  transformBlock,
  transformRegistry,
} from "@layerwise/data";
import { Picture } from "./pictures.ts";

/** "Reads" a picture whose pixels have the number in its name. */
export class ReadPicture extends Transform {
  override async encodes(path: string): Promise<Picture> {
    return Picture.filled(Number(/\d+/.exec(path)![0]));
  }
}
transformRegistry.add("ReadPicture", () => new ReadPicture());

export const pictureBlock = (): TransformBlock<string, Picture> =>
  transformBlock({ typeTfms: [ReadPicture], batchTfms: [IntToFloatTensor] });

/** Names of 20 pictures, of cats and dogs in turn. */
export const paths: readonly string[] = Array.from({ length: 20 }, (_, i) => `pets/${i % 2 ? "dog" : "cat"}/${i}.png`);

/** The first 15 pictures train, the last 5 validate. */
export const petsBlock = () =>
  new DataBlock({
    blocks: [pictureBlock(), categoryBlock()],
    getItems: (folder: string) => paths.map((path) => path.replace("pets", folder)),
    splitter: endSplitter({ validPct: 0.25 }),
    getY: parentLabel,
  });
