// The published types, as the compiler of an application sees them.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { declarations } from "./support/declarations.mjs";
import { packageFolder } from "./support/folders.mjs";
import { scratch } from "./support/scratch.mjs";
import { check, RESOLUTIONS } from "./support/tsc.mjs";

const types = join(packageFolder, "test", "types");

for (const resolution of RESOLUTIONS) {
  describe(`the types, with ${resolution.join(" ")}`, () => {
    test("take what is right", async () => assert.deepEqual(await check([join(types, "correct.ts")], resolution), []));
    test("refuse what is wrong", async () => assert.deepEqual(await check([join(types, "incorrect.ts")], resolution), []));
  });
}

test("each wrong line is refused for the very reason that it gives", async t => {
  const text = await readFile(join(types, "incorrect.ts"), "utf8");
  // Where nothing is expected, everything is reported.
  const plain = join(await scratch(t), "incorrect.ts");
  await writeFile(plain, text.replaceAll("@ts-expect-error", "refused:"));
  const reasons = text.split("\n").flatMap((line, index) => {
    const reason = /@ts-expect-error (\d+): ./.exec(line);
    assert.ok(reason || !line.includes("@ts-"), `line ${index + 1} gives no reason`);
    return reason ? [{ line: index + 2, code: Number(reason[1]) }] : [];
  });
  assert.ok(reasons.length > 30);
  const found = await check([plain], RESOLUTIONS[0]);
  assert.deepEqual(found.map(({ line, code }) => ({ line, code })), reasons);
});

describe("the published declarations", () => {
  const published = declarations();
  const names = published.map(({ name }) => name);

  test("are there for both entry points", () => {
    for (const entry of ["index.d.ts", "web.d.ts"]) assert.ok(names.includes(entry), names.join());
  });

  test("have no `any`", () => {
    for (const { name, code } of published) assert.doesNotMatch(code, /\bany\b/, name);
  });

  test("refer to nothing that is not published", () => {
    for (const { name, text, code } of published) {
      const referred = [...code.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].map(([, path]) => path);
      for (const path of referred) assert.ok(names.includes(path.replace(/^\.\/(.*)\.js$/, "$1.d.ts")), `${name} refers to ${path}`);
      assert.doesNotMatch(text, /\/\/\/\s*<reference/, name);
    }
  });

  test("say what upload() and limits() do", () => {
    const { text } = published.find(({ name }) => name === "index.d.ts");
    assert.match(text, /\* Uploads all files[^]*?\*\/\nexport declare const upload\b/);
    assert.match(text, /\* What may be uploaded[^]*?\*\/\nexport declare const limits\b/);
  });
});
