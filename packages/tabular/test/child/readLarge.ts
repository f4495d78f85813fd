import { readTable, readTableChunks } from "../../src/table/readTable.ts";

const [path = ""] = process.argv.slice(2);
const table = await readTable(path);
let chunked = 0;
for await (const chunk of readTableChunks(path)) chunked += chunk.length;
console.log(JSON.stringify({ rows: table.length, texts: table.column("words").categories.length, chunked }));
