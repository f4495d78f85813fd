import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { showInstall } from "./index.ts";

test("showInstall names the runtime, the platform, tfjs and the backend", () => {
  const lines = showInstall().split("\n");
  expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual(["runtime", "platform", "tfjs-core", "backend"]);
  expect(lines[0]).toContain(process.versions.node);
  expect(lines[2]).toContain(tf.version_core);
});
