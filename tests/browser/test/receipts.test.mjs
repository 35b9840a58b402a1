// What was sent is completed: by few requests, and every result has a receipt.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arrange } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { upload } from "../harness/client.mjs";
import { IN_PARTS } from "../harness/in-parts.mjs";

const contents = ({ seed, size }) => sha256(bytes(seed, size));

/** The page's requests to the demo's own endpoints. */
const toEndpoints = page => page.watched.requests.filter(({ method, url }) => method === "POST" && url.pathname.startsWith("/presignedUrl"));
const completes = page => toEndpoints(page).filter(({ url }) => url.pathname.endsWith("/complete"));

describe("what was sent", () => {
  const demo = arrange(...IN_PARTS);

  test("is told as the store has it, with a receipt, whichever way it went", async t => {
    const page = await demo.open(t);
    const files = [["whole.txt", 1000], ["empty.txt", 0], ["parts.txt", 12_000_000]].map(([name, size], seed) => ({ name, seed, size, type: "text/plain" }));
    const { results } = await upload(page, files);
    for (const [index, { status, key, type, etag, receipt, data }] of results.entries()) {
      assert.deepEqual([status, type, data], ["done", "text/plain", undefined], files[index].name);
      assert.ok(receipt.length > 40 && etag, files[index].name);
      assert.equal((await demo.bucket.object(key)).sha256, contents(files[index]));
    }
    assert.equal(new Set(results.map(({ receipt }) => receipt)).size, 3);
    page.watched.isQuiet();
  });

  test("is asked about by few requests: 200 files need no more than 8 of ours", async t => {
    const page = await demo.open(t);
    const files = Array.from({ length: 200 }, (_, seed) => ({ name: `${seed}.txt`, seed, size: 10 + seed, type: "text/plain" }));
    const { results } = await upload(page, files);
    assert.deepEqual(results.filter(({ status, receipt }) => status !== "done" || !receipt), []);
    const requests = toEndpoints(page).length;
    assert.ok(requests <= 8, `${requests} requests`);
    for (const { key, index } of [results[0], results[199]]) assert.equal((await demo.bucket.object(key)).sha256, contents(files[index]));
  });

  test("is asked about at once where it is a single file", async t => {
    const page = await demo.open(t);
    const { results, events } = await upload(page, [{ name: "one.txt", seed: 1, size: 100, type: "text/plain" }]);
    assert.deepEqual([results[0].status, completes(page).length], ["done", 1]);
    assert.deepEqual(events.at(-1).progress.files, { done: 1, failed: 0, cancelled: 0, total: 1 });
  });

  test("and is gone again before it was asked about is sent again", async t => {
    const page = await demo.open(t);
    let gone = 0;
    await page.route("**/presignedUrl/complete", async route => {
      // All that this page sent so far, the first time.
      if (gone++ === 0) for (const url of page.watched.puts) await demo.bucket.forget(demo.bucket.keyOf(url));
      await route.continue();
    });
    const file = { name: "lost.txt", seed: 4, size: 500, type: "text/plain" };
    const { results, events } = await upload(page, [file]);
    assert.equal(results[0].status, "done");
    assert.deepEqual(events.filter(({ type }) => type === "restart").map(({ error }) => error.code), ["object_missing"]);
    assert.equal((await demo.bucket.object(results[0].key)).sha256, contents(file));
  });

  test("is asked about again where the answer was lost, and not sent again", async t => {
    const page = await demo.open(t);
    let lost = 0;
    await page.route("**/presignedUrl/complete", async route => {
      if (lost++ > 0) return route.continue();
      await route.fetch();
      await route.abort();
    });
    const { results } = await upload(page, [{ name: "twice.txt", seed: 5, size: 500, type: "text/plain" }], { retry: { minDelay: 1, maxDelay: 1 } });
    assert.equal(results[0].status, "done");
    assert.ok(results[0].receipt);
    assert.deepEqual([page.watched.puts.length, lost], [1, 2]);
  });
});
