// The client's Rust API, in a page that is written in Rust: tests/rust-page, built into the folder of PRESIGN_RUST_PAGE.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { arrange } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";

const files = [0, 1, 2].map(seed => ({ name: `${seed}.txt`, mimeType: "text/plain", buffer: Buffer.from(bytes(seed, 1000 * seed)) }));

describe("the Rust API", () => {
  const demo = arrange();

  /** A page of the demo's with an input of its own and the Rust page loaded. */
  async function open(t) {
    const built = process.env.PRESIGN_RUST_PAGE;
    if (!built) throw new Error("PRESIGN_RUST_PAGE must name the folder that tests/rust-page was built into");
    const page = await demo.open(t);
    await page.route("**/rust/**", async route => {
      const path = new URL(route.request().url()).pathname.slice("/rust/".length);
      await route.fulfill({ body: await readFile(join(built, path)), contentType: path.endsWith(".wasm") ? "application/wasm" : "text/javascript" });
    });
    await page.evaluate(async () => {
      const input = Object.assign(document.createElement("input"), { type: "file", multiple: true, id: "own" });
      document.body.append(input);
      globalThis.rust = await import("/rust/presign_rust_page.js");
      await rust.default();
    });
    await page.locator("#own").setInputFiles(files);
    return page;
  }

  test("uploads every file and tells what happens", async t => {
    const page = await open(t);
    const asked = page.waitForRequest(request => request.method() === "POST");
    const words = await page.evaluate(() => rust.send(document.querySelector("#own").files, "hello"));
    assert.equal((await asked).headers()["x-test"], "hello");
    for (const [index, { name, buffer }] of files.entries()) {
      const [, key] = new RegExp(`^${name}: done (.+)$`).exec(words[index]);
      assert.equal((await demo.bucket.object(key))?.sha256, sha256(buffer), name);
      const own = words.slice(files.length).filter(word => word.endsWith(` ${index}`));
      assert.deepEqual([own[0], own.at(-1)], [`start ${index}`, `end ${index}`]);
    }
    page.watched.isQuiet();
  });

  test("says what the server found of each file, with a receipt", async t => {
    const page = await open(t);
    const found = await page.evaluate(() => rust.found(document.querySelector("#own").files));
    for (const [index, { name, buffer }] of files.entries()) {
      const [key, type, etag, receipt] = found[index].split("\n");
      assert.equal((await demo.bucket.object(key))?.sha256, sha256(buffer), name);
      assert.deepEqual([type, etag.length > 0, receipt.length > 40], ["text/plain", true, true], name);
    }
    page.watched.isQuiet();
  });

  test("cancels one file of several", async t => {
    const page = await open(t);
    const outcomes = await page.evaluate(() => rust.cancel_second(document.querySelector("#own").files));
    assert.deepEqual(outcomes.map(outcome => outcome.split(" ")[0]), ["done", "cancelled", "done"]);
  });

  test("pauses files, and resumes them", async t => {
    const page = await open(t);
    const order = await page.evaluate(() => rust.pause_second(document.querySelector("#own").files));
    assert.deepEqual([...order], [0, 2, 1]);
    page.watched.isQuiet();
  });

  test("gives the limits, or why there are none", async t => {
    const page = await open(t);
    assert.equal(await page.evaluate(() => rust.max_size("/presignedUrl")), String(5 * 1024 ** 4));
    assert.match(await page.evaluate(() => rust.max_size("/presignedUrl/nonsense")), /^not_found Some\(404\): ./);
  });
});
