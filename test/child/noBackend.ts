import { Linear } from "@layerwise/core/nn";

try {
  new Linear(2, 2);
} catch (error) {
  console.log((error as Error).message);
}
