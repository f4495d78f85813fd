import { AvgLoss } from "./avgMetric.ts";

/** Exponential of the mean loss, for language models: between how many words the model is torn. */
export class Perplexity extends AvgLoss {
  override readonly name: string = "perplexity";

  override async value(): Promise<number | null> {
    const loss = await super.value();
    return loss === null ? null : Math.exp(loss);
  }
}
