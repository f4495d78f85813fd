import { Callback, HostTensor } from "@layerwise/core/learner";

/** What went through the model in one batch, read back. */
export interface CollectedBatch {
  xb: HostTensor[];
  yb: HostTensor[];
  pred: HostTensor | null;
  loss: HostTensor | null;
}

/** Keeps every batch with its prediction and loss in memory. Reads all of it back: for small data and for tests. */
export class CollectDataCallback extends Callback {
  static override readonly cbName: string = "collectData";
  data: CollectedBatch[] = [];

  override beforeFit(): void {
    this.data = [];
  }

  override async afterBatch(): Promise<void> {
    const { xb, yb, pred, loss } = this.learn;
    const [x, y, p, l] = await Promise.all([
      Promise.all(xb.map((tensor) => HostTensor.read(tensor))),
      Promise.all(yb.map((tensor) => HostTensor.read(tensor))),
      pred && HostTensor.read(pred),
      loss && HostTensor.read(loss),
    ]);
    this.data.push({ xb: x, yb: y, pred: p, loss: l });
  }
}
