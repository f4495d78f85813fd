// Runs tfjs-core's conformance tests on the backend `native`: prints what failed, then one line of JSON.
// Words given on the command line choose the tests whose full name holds one of them.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";
import { skipped } from "./skipped.mjs";

const require = createRequire(import.meta.url);
process.env.LAYERWISE_NATIVE_BUILD ??= join(dirname(fileURLToPath(import.meta.url)), "..", "..", "build");
const core = require("jasmine-core");
const jasmine = core.boot(core);
Object.assign(globalThis, core.interface(jasmine, jasmine.getEnv()), { jasmine });

const words = process.argv.slice(2);
const count = { passed: 0, failed: 0, skipped: 0, notRun: 0 };
const environment = jasmine.getEnv();
environment.configure({
  random: false,
  specFilter: (spec) => {
    const name = spec.getFullName();
    const chosen = words.length === 0 || words.some((word) => name.includes(word));
    return chosen && !skipped.some(({ test }) => name.includes(test));
  },
});
environment.addReporter({
  specDone: ({ fullName, status, failedExpectations }) => {
    if (status === "passed") count.passed++;
    else if (status === "excluded") count.skipped++;
    else if (status !== "failed") count.notRun++;
    else {
      count.failed++;
      console.log(`FAILED ${fullName}`);
      for (const { message } of failedExpectations.slice(0, 1)) console.log(`  ${message.slice(0, 300)}`);
    }
  },
  jasmineDone: ({ overallStatus }) => {
    console.log(JSON.stringify({ ...count, overallStatus }));
    process.exit(count.failed > 0 ? 1 : 0);
  },
});

const warn = console.warn;
console.warn = () => {}; // tests provoke tfjs' warnings
const file = await bundle();
await import(file);
environment.execute();
console.warn = warn;
