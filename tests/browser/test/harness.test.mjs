// What the tests rely on does what it says: faults between browser and store, a switch, a crash, a look at uploads and at memory.
import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { AwsClient } from "aws4fetch";
import { arrange, arrangeBehindProxy } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { ask, startDemo } from "../harness/demo.mjs";
import { can } from "../harness/engine.mjs";
import { eventually } from "../harness/eventually.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { refusal } from "../harness/proxy.mjs";
import { digestOfFile } from "../harness/sha256.mjs";
import { sparseFile } from "../harness/sparse.mjs";
import { openSeparateStore } from "../harness/store.mjs";
import { swap } from "../harness/swap.mjs";
import { startSwitch } from "../harness/switch.mjs";
import { killTab, measureMemory } from "../harness/tab.mjs";

const contents = bytes(7, 1_000_000);
const file = { name: "fault.bin", size: contents.length, type: "application/x-test" };

describe("the proxy between browser and store", () => {
  const demo = arrangeBehindProxy();

  /** Sends the contents once, from a page, as `fault` has it: `{ status, code }` as the page sees them, the proxy's entry, the object. */
  async function send(t, fault) {
    const page = await demo.open(t);
    const [grant] = await ask(demo, file);
    const { pathname } = new URL(grant.url);
    t.after(demo.proxy.rule(({ path }) => path === pathname && fault));
    const answer = page.evaluate(
      async ({ url, headers: { "content-length": _, ...headers }, size }) => {
        try {
          const answer = await fetch(url, { method: "PUT", headers, body: new Blob([bytes(7, size)]) });
          return { status: answer.status, code: /<Code>(\w+)/.exec(await answer.text())?.[1], etag: answer.headers.has("etag") };
        } catch {
          return { status: 0 };
        }
      },
      { url: grant.url, headers: grant.headers, size: file.size },
    );
    const entries = () => demo.proxy.requests.filter(({ method, path }) => method === "PUT" && path === pathname);
    return { key: grant.key, answer, entries, stored: () => demo.bucket.object(grant.key) };
  }

  const whole = { sha256: sha256(contents), size: contents.length, type: file.type };

  test("hands everything on, and notes it without the signature", async t => {
    const { answer, entries, stored } = await send(t, undefined);
    assert.deepEqual(await answer, { status: 200, code: undefined, etag: true });
    assert.deepEqual(await stored(), whole);
    assert.deepEqual(entries().map(({ method, attempt, sent, status, query }) => [method, attempt, sent, status, query]), [["PUT", 1, contents.length, 200, {}]]);
    assert.doesNotMatch(JSON.stringify(demo.proxy.requests), /x-amz-(signature|credential)/i);
  });

  test("flips one bit", async t => {
    const { answer, stored } = await send(t, { flip: 777_777 });
    assert.equal((await answer).status, 200);
    const flipped = contents.slice();
    flipped[777_777] ^= 1;
    assert.equal((await stored()).sha256, sha256(flipped));
  });

  test("cuts the connection", async t => {
    const { answer, entries, stored } = await send(t, { cut: 300_000 });
    assert.equal((await answer).status, 0);
    assert.deepEqual(entries().map(({ sent, status }) => [sent, status]), [[300_000, undefined]]);
    assert.equal(await stored(), undefined);
  });

  test("loses an answer", async t => {
    const { answer, entries, stored } = await send(t, { lose: true });
    assert.equal((await answer).status, 0);
    assert.deepEqual(entries().map(({ sent, status }) => [sent, status]), [[contents.length, 200]]);
    assert.deepEqual(await stored(), whole);
  });

  test("stalls until it is let go", async t => {
    let letGo;
    const { key, answer, entries, stored } = await send(t, { stall: 400_000, until: new Promise(resolve => (letGo = resolve)) });
    while (entries()[0]?.sent !== 400_000) await new Promise(setImmediate);
    // The object itself is not asked for: MinIO has it locked.
    assert.ok((await demo.bucket.keys()).every(stored => stored !== key));
    letGo();
    assert.equal((await answer).status, 200);
    assert.deepEqual(await stored(), whole);
  });

  // The rest of the one has left the browser by then, the rest of the other may be too much for that.
  for (const size of [300_000, 12_000_000]) {
    test(`hands nothing on of ${size} bytes that the browser has given up during a stall`, async t => {
      const page = await demo.open(t);
      const [grant] = await ask(demo, { ...file, size });
      const { pathname } = new URL(grant.url);
      let letGo;
      const until = new Promise(resolve => (letGo = resolve));
      t.after(letGo);
      t.after(demo.proxy.rule(({ path }) => path === pathname && { stall: 100_000, until }));
      const answer = page.evaluate(
        async ({ url, headers: { "content-length": _, ...headers }, size }) => {
          const { signal } = (globalThis.controller = new AbortController());
          return fetch(url, { method: "PUT", headers, body: new Blob([new Uint8Array(size)]), signal }).catch(({ name }) => name);
        },
        { ...grant, size },
      );
      const entry = () => demo.proxy.requests.find(({ method, path }) => method === "PUT" && path === pathname);
      await eventually(() => entry()?.sent === 100_000, "it stalls");
      await page.evaluate(() => globalThis.controller.abort());
      assert.equal(await answer, "AbortError");
      letGo();
      await eventually(() => entry().over, "the proxy knows that the browser has given up");
      assert.equal(entry().sent, 100_000);
      assert.equal(await demo.bucket.object(grant.key), undefined);
    });
  }

  test("delays and slows down", async t => {
    const { answer, stored } = await send(t, { delay: 100, rate: 4_000_000 });
    assert.equal((await answer).status, 200);
    assert.deepEqual(await stored(), whole);
  });

  for (const [status, code] of [[503, "SlowDown"], [403, "AccessDenied"], [200, "InternalError"]]) {
    test(`answers ${status} ${code} by itself`, async t => {
      const { answer, entries, stored } = await send(t, { answer: refusal(status, code) });
      assert.deepEqual(await answer, { status, code, etag: false });
      assert.deepEqual(entries().map(({ sent }) => sent), [0]);
      assert.equal(await stored(), undefined);
    });
  }
});

test("the switch alternates, and goes past a server that is dead", async t => {
  const store = await openSeparateStore();
  t.after(store.stop);
  const demos = [await startDemo(store), await startDemo(store)];
  t.after(() => Promise.all(demos.map(demo => demo.stop())));
  const front = await startSwitch(demos.map(({ origin }) => origin));
  t.after(front.stop);
  for (let asked = 0; asked < 4; asked++) await ask(front, file);
  assert.deepEqual(front.served, [2, 2]);
  await demos[0].stop();
  for (let asked = 0; asked < 3; asked++) await ask(front, file);
  assert.deepEqual(front.served, [2, 5]);
});

describe("the bucket", () => {
  const demo = arrange();

  test("lists the uploads that have not come to an end, with their parts, and gives them up", async () => {
    const { endpoint, bucket, region, credentials, virtualHost } = demo.place;
    const base = new URL(endpoint);
    if (virtualHost) base.hostname = `${bucket}.${base.hostname}`;
    const url = `${base.origin}${virtualHost ? "" : `/${bucket}`}/left%20over.bin`;
    const client = new AwsClient({ ...credentials, region, service: "s3", retries: 0 });
    const created = await (await client.fetch(`${url}?uploads=`, { method: "POST" })).text();
    const id = /<UploadId>(.+?)</.exec(created)[1];
    const part = await client.fetch(`${url}?${new URLSearchParams({ partNumber: 1, uploadId: id })}`, { method: "PUT", body: contents });
    const parts = [{ number: 1, size: contents.length, etag: part.headers.get("etag") }];
    const found = [{ key: "left over.bin", id, parts }];
    assert.deepEqual(await demo.bucket.uploads("left over.bin"), found);
    if (can.uploadsByPrefix) assert.ok((await demo.bucket.uploads()).some(upload => upload.id === id));
    await demo.bucket.forget("left over.bin");
    assert.deepEqual(await demo.bucket.uploads("left over.bin"), []);
  });

  test("a tab that is killed runs nothing more, and its context keeps what it stored", async t => {
    const page = await demo.open(t);
    await page.evaluate(() => {
      localStorage.setItem("stored", "before");
      for (const event of ["pagehide", "unload", "visibilitychange"]) addEventListener(event, () => localStorage.setItem("stored", event));
    });
    const next = await page.context().newPage();
    await killTab(page);
    await next.goto(demo.origin);
    assert.equal(await next.evaluate(() => localStorage.getItem("stored")), "before");
  });

  test("a page's memory is that of scripts, WebAssembly and buffers", async t => {
    const page = await demo.open(t, "/");
    const measure = await measureMemory(page);
    await page.reload();
    const before = await measure();
    assert.equal(before.wasm, 0);
    await page.evaluate(async () => {
      const { upload } = await import("/presign-client/index.js");
      await upload([new File(["a"], "a.txt")]);
      globalThis.kept = new Uint8Array(20_000_000).fill(1);
      globalThis.objects = Array.from({ length: 100_000 }, (_, index) => ({ index }));
    });
    const now = await measure();
    assert.ok(now.wasm > 0, "no WebAssembly.Memory was seen");
    assert.ok(now.buffers - before.buffers >= 20_000_000, JSON.stringify({ before, now }));
    assert.ok(now.js - before.js > 1_000_000, JSON.stringify({ before, now }));
    assert.equal(now.total, now.js + now.wasm + now.buffers);
  });
});

test("a sparse file takes no room, and another one takes its place unnoticed", async t => {
  const folder = await temporaryFolder("sparse");
  t.after(folder.remove);
  const { path } = await sparseFile(folder.path, "large.bin", 50_000_000);
  const [before, contentsBefore] = [await stat(path), await digestOfFile(path)];
  assert.ok(before.blocks * 512 < 1_000_000, `${before.blocks} blocks`);
  await swap(path, (handle, size) => handle.write("other", size - 5));
  const after = await stat(path);
  assert.deepEqual([after.size, after.mtime], [before.size, before.mtime]);
  assert.notEqual((await digestOfFile(path)).sha256, contentsBefore.sha256);
  assert.equal((await readFile(path)).subarray(-5).toString(), "other");
  await assert.rejects(stat(join(folder.path, "large.bin.swap")));
});
