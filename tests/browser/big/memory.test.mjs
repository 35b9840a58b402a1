// However large a file is, the page's memory does not grow with it. PRESIGN_BIG_BYTES is how large.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arrange } from "../harness/arrange.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { digestOfFile } from "../harness/sha256.mjs";
import { sparseFile } from "../harness/sparse.mjs";
import { measureMemory } from "../harness/tab.mjs";

const SIZE = Number(process.env.PRESIGN_BIG_BYTES);
if (!(SIZE > 0)) throw new Error("PRESIGN_BIG_BYTES must be a number of bytes");
const ALLOWED = 100_000_000; // bytes above the start
const EVERY = 200; // ms between two looks
const GIGABYTE = 1_000_000_000;
const ENOUGH = 120_000 + 120_000 * (SIZE / GIGABYTE); // ms, on a slow disk

describe("a large file", () => {
  const demo = arrange("--max-size", String(SIZE));

  test(`of ${SIZE} bytes arrives whole, and the page's memory stays within ${ALLOWED / 1e6} MB of the start`, { timeout: ENOUGH }, async t => {
    const folder = await temporaryFolder("big");
    t.after(folder.remove);
    const { path } = await sparseFile(folder.path, "large.bin", SIZE);
    const page = await demo.open(t);
    const measure = await measureMemory(page);
    await page.reload();
    await page.evaluate(async () => {
      const input = Object.assign(document.createElement("input"), { type: "file", id: "own" });
      document.body.append(input);
      globalThis.client = await import("/presign-client/index.js");
    });
    await page.locator("#own").setInputFiles(path);

    const start = await measure();
    const began = performance.now();
    const uploading = page.evaluate(async () => {
      const [{ status, key, error }] = await client.upload(document.querySelector("#own").files);
      return { status, key, error: error?.message };
    });
    const looks = await watch(measure, uploading);
    const { status, key, error } = await uploading;
    const seconds = (performance.now() - began) / 1000;
    const most = name => Math.max(...looks.map(look => look[name]));
    const above = most("total") - start.total;
    t.diagnostic(`${SIZE} bytes in ${seconds.toFixed(1)} s (${(SIZE / seconds / 1e6).toFixed(0)} MB/s), ${looks.length} looks at its memory`);
    for (const name of ["js", "wasm", "buffers", "total"]) t.diagnostic(`${name}: ${megabytes(start[name])} at the start, ${megabytes(most(name))} at most`);

    assert.equal(status, "done", error);
    assert.ok(looks.length >= 5, `only ${looks.length} looks`);
    assert.ok(above < ALLOWED, `${megabytes(above)} above the start`);
    const [stored, file] = await Promise.all([demo.bucket.object(key), digestOfFile(path)]);
    assert.deepEqual([stored?.sha256, stored?.size], [file.sha256, SIZE]);
  });
});

const megabytes = bytes => `${(bytes / 1e6).toFixed(1)} MB`;

/** What `measure` gives again and again until `done` has come to its end. */
async function watch(measure, done) {
  const looks = [];
  let over = false;
  const end = done.finally(() => (over = true)).catch(() => {});
  while (!over) {
    looks.push(await measure());
    await Promise.race([end, new Promise(resolve => setTimeout(resolve, EVERY))]);
  }
  return looks;
}
