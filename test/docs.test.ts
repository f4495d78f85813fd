import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = new URL("..", import.meta.url).pathname;

function pages(): string[] {
  const inFolders = ["packages", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name, "README.md")),
  );
  const docs = existsSync(join(root, "docs")) ? readdirSync(join(root, "docs")).filter((n) => n.endsWith(".md")) : [];
  return ["README.md", ...inFolders, ...docs.map((n) => join("docs", n))].filter((page) =>
    existsSync(join(root, page)),
  );
}

/** TypeScript blocks that stand alone, which means that they import what they use. */
function blocks(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)]
    .map((m) => m[1] as string)
    .filter((code) => /^import /m.test(code));
}

test("code in the docs type-checks", () => {
  const folder = join(root, "test", ".docs");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let count = 0;
  for (const page of pages()) {
    for (const [i, code] of blocks(page).entries()) {
      writeFileSync(join(folder, `${page.replace(/\W+/g, "_")}_${i}.ts`), `${code}\nexport {};\n`);
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(3);
  const options = { noUnusedLocals: false, skipLibCheck: true };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: "../../tsconfig.base.json", compilerOptions: options, include: ["*.ts"] }),
  );
  const tsc = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], {
    encoding: "utf8",
  });
  rmSync(folder, { recursive: true, force: true });
  expect(tsc.stdout.split("\n").filter((line) => line.includes(".docs"))).toEqual([]);
  expect(tsc.status).toBe(0);
}, 120_000);
