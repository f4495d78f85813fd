import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { study } from "./study.ts";
import { surveys } from "./surveys.ts";

const { values: args } = parseArgs({
  options: {
    /** wages: 534 rows from npm; adult: 32,561 rows, downloaded. */
    data: { type: "string", default: "wages" },
    epochs: { type: "string" },
    bs: { type: "string", default: "64" },
    report: { type: "string", default: "adult-report" },
  },
});
const data = args.data as keyof typeof surveys;
if (!(data in surveys)) throw new Error(`--data ${args.data}: choose one of ${Object.keys(surveys).join(", ")}`);
const start = performance.now();
const epochs = Number(args.epochs ?? (data === "wages" ? 15 : 3));
const report = resolve(process.env.INIT_CWD ?? ".", args.report);
const found = await study({ data, epochs, bs: Number(args.bs), report });
console.log(`accuracy: network ${found.accuracy.toFixed(4)}, forest ${found.forestAccuracy.toFixed(4)}`);
console.log(`most important column: ${found.important}`);
console.log(`pictures: ${report}`);
console.log(`time: ${((performance.now() - start) / 1000).toFixed(1)} s`);
