/** Picks a backend twice, says so, and with `throw` ends by an error that nobody catches. */
import { backendInfo, useBackend } from "@layerwise/core";

await useBackend();
await useBackend();
console.log(backendInfo());
console.log(process.listenerCount("uncaughtException") + process.listenerCount("unhandledRejection"));
if (process.argv[2] === "throw") {
  setTimeout(() => {
    throw new Error("of the user's own");
  });
}
