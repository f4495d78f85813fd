import "./gradients.ts";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";

/** Picks and starts the backend, once. */
export async function useBackend(): Promise<string> {
  await tf.setBackend("cpu");
  return tf.getBackend();
}
