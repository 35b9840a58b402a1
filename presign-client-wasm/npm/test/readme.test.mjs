// What the READMEs say is so: their TypeScript compiles as it is, and their tables are those of the types and of the protocol.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { properties, texts } from "./support/declarations.mjs";
import { packageFolder, root } from "./support/folders.mjs";
import { codes, examples, table } from "./support/markdown.mjs";
import { scratch } from "./support/scratch.mjs";
import { check, RESOLUTIONS } from "./support/tsc.mjs";

const readme = join(packageFolder, "README.md");

describe("the TypeScript examples", () => {
  for (const [what, path, least] of [["the repository's README", join(root, "README.md"), 1], ["the package's README", readme, 6]]) {
    test(`of ${what} compile`, async t => {
      const found = await examples(path);
      assert.ok(found.length >= least, `${found.length} examples`);
      const folder = await scratch(t);
      const files = await Promise.all(found.map(async ({ line, text }) => {
        const file = join(folder, `line-${line}.ts`);
        await writeFile(file, text);
        return file;
      }));
      for (const resolution of RESOLUTIONS) assert.deepEqual(await check(files, resolution), []);
    });
  }
});

describe("the package's README", () => {
  test("names every option that there is", async () => {
    const named = (await table(readme, "| Option |")).flatMap(([option]) => codes(option));
    assert.deepEqual(named.sort(), [...properties("EndpointOptions"), ...properties("UploadOptions")].sort());
  });

  test("names every status that a result can have", async () => {
    const named = (await table(readme, "| `status` |")).flatMap(([status]) => codes(status));
    assert.deepEqual(named, ["done", "failed", "cancelled"].map(status => `"${status}"`));
  });

  test("names every code that there is", async () => {
    const named = (await table(readme, "| `code` |")).flatMap(([code]) => codes(code));
    assert.deepEqual(named.sort(), [...texts("ClientErrorCode"), ...texts("ServerErrorCode")].sort());
  });
});
