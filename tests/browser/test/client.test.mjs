// The npm package in a page of one's own.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arrange } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { upload } from "../harness/client.mjs";
import { can } from "../harness/engine.mjs";

const contents = ({ seed, size }) => sha256(bytes(seed, size));

describe("upload()", () => {
  const demo = arrange();

  async function arrived(files, results) {
    for (const [index, file] of files.entries()) {
      const object = await demo.bucket.object(results[index].key);
      assert.deepEqual([object?.sha256, object?.size], [contents(file), file.size], file.name);
    }
  }

  test("answers for each file in the order given", async t => {
    const page = await demo.open(t);
    const sizes = [200_000, 0, 1, 70_000, 3, 1_000_000, 12, 512];
    const files = sizes.map((size, seed) => ({ name: `${seed}.bin`, seed, size, type: "image/png" }));
    const { results } = await upload(page, files);
    for (const [index, result] of results.entries()) {
      const { status, name, size, sameFile } = result;
      assert.deepEqual({ status, index: result.index, name, size, sameFile }, { status: "done", index, name: files[index].name, size: files[index].size, sameFile: true });
      assert.match(result.etag, /\w{32}/);
    }
    assert.equal(results.length, files.length);
    await arrived(files, results);
    page.watched.isQuiet();
  });

  test("takes two files of the same name for two uploads", async t => {
    const page = await demo.open(t);
    const files = [5, 6].map(seed => ({ name: "twin.txt", seed, size: 900, type: "text/plain" }));
    const { results } = await upload(page, files);
    assert.notEqual(results[0].key, results[1].key);
    await arrived(files, results);
  });

  test("takes more files than one request may ask for", async t => {
    const page = await demo.open(t);
    const files = Array.from({ length: 130 }, (_, seed) => ({ name: `${seed}.txt`, seed, size: 10 + seed, type: "text/plain" }));
    const { results } = await upload(page, files);
    assert.deepEqual(results.map(result => result.status), files.map(() => "done"));
    await arrived(files, results);
    const asked = page.watched.requests.filter(({ method, url }) => method === "POST" && url.pathname === "/presignedUrl");
    assert.equal(asked.length, 2);
  });

  test("takes blobs with names, and no files at all", async t => {
    const page = await demo.open(t);
    const [results, none] = await page.evaluate(async () => {
      const { upload } = await import("/presign-client/index.js");
      const blob = new Blob([bytes(9, 400)], { type: "text/plain" });
      const [{ status, key }] = await upload([{ name: "blob.txt", blob }]);
      return [{ status, key }, await upload([])];
    });
    assert.equal(results.status, "done");
    assert.deepEqual(await demo.bucket.object(results.key), { sha256: sha256(bytes(9, 400)), size: 400, type: "text/plain" });
    assert.deepEqual(none, []);
  });

  test("tells what happens as it happens, to whoever iterates", async t => {
    const page = await demo.open(t);
    const types = await page.evaluate(async () => {
      const { upload } = await import("/presign-client/index.js");
      const task = upload([new File([bytes(1, 300_000)], "a.bin"), new File([bytes(2, 300_000)], "b.bin")]);
      const events = [];
      for await (const event of task) events.push([event.index ?? event.file.index, event.type]);
      await task;
      return events;
    });
    for (const index of [0, 1]) {
      const own = types.filter(([of]) => of === index).map(([, type]) => type);
      assert.equal(own[0], "start");
      assert.equal(own.at(-1), "end");
      assert.equal(own.filter(type => type === "end").length, 1);
      assert.ok(own.slice(1, -1).every(type => type === "progress"), own.join());
    }
  });

  test("retries what may pass, and says so", async t => {
    const page = await demo.open(t);
    let refusals = 2;
    await page.route(url => url.pathname.endsWith("again.bin"), async route => {
      if (route.request().method() !== "PUT" || refusals-- <= 0) return route.continue();
      await route.fulfill({ status: 503, headers: { "access-control-allow-origin": "*" }, body: "<Error><Code>SlowDown</Code></Error>" });
    });
    const files = [{ name: "again.bin", seed: 3, size: 5000 }];
    const { results, events } = await upload(page, files, { retry: { attempts: 3, minDelay: 1, maxDelay: 5 } });
    assert.equal(results[0].status, "done");
    await arrived(files, results);
    const retries = events.filter(event => event.type === "retry");
    assert.deepEqual(retries.map(({ error }) => [error.status, error.storeCode, error.retryable]), [[503, "SlowDown", true], [503, "SlowDown", true]]);
  });

  const handsOn = "hands on what the store says when it refuses";
  test(can.errorRequestIds ? handsOn : `${handsOn}; this store does not say which request it was`, async t => {
    const page = await demo.open(t);
    await page.route(url => url.pathname.endsWith("spoilt.bin"), route => {
      const request = route.request();
      if (request.method() !== "PUT") return route.continue();
      return route.continue({ headers: { ...request.headers(), "content-type": "text/spoilt" } });
    });
    const names = ["good.bin", "spoilt.bin", "fine.bin"];
    const files = names.map((name, seed) => ({ name, seed, size: 100, type: "application/x-test" }));
    const { results } = await upload(page, files);
    assert.deepEqual(results.map(result => result.status), ["done", "failed", "done"]);
    const { error } = results[1];
    assert.equal(error.status, 403);
    assert.equal(error.retryable, false);
    assert.match(error.storeCode, /\w+/);
    if (can.errorRequestIds) assert.match(error.requestId, /\S+/);
    else assert.equal(error.requestId, undefined);
    assert.ok(error.message.length > 10, error.message);
  });
});

describe("upload() where the server has limits", () => {
  const demo = arrange("--max-size", "1000", "--types", "image/*");

  test("a file that is refused hides none of the others", async t => {
    const page = await demo.open(t);
    const before = await demo.bucket.keys();
    const files = [
      { name: "small.png", seed: 1, size: 1000, type: "image/png" },
      { name: "large.png", seed: 2, size: 1001, type: "image/png" },
      { name: "text.txt", seed: 3, size: 10, type: "text/plain" },
      { name: "last.gif", seed: 4, size: 0, type: "image/gif" },
    ];
    const { results } = await upload(page, files);
    assert.deepEqual(results.map(({ status, error }) => [status, error?.code]), [
      ["done", undefined],
      ["failed", "file_too_large"],
      ["failed", "type_not_allowed"],
      ["done", undefined],
    ]);
    for (const index of [1, 2]) assert.equal(results[index].error.retryable, false);
    const left = (await demo.bucket.keys()).filter(key => !before.includes(key));
    assert.deepEqual(left, [results[0].key, results[3].key].sort());
    page.watched.isQuiet();
  });

  test("limits() gives them", async t => {
    const page = await demo.open(t);
    const limits = await page.evaluate(async () => (await import("/presign-client/index.js")).limits());
    assert.equal(limits.maxSize, 1000);
    assert.deepEqual(limits.types, ["image/*"]);
  });
});
