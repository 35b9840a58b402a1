// What was not agreed on is refused by the store itself, whatever the page's script does.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { arrange } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { ask } from "../harness/demo.mjs";
import { can } from "../harness/engine.mjs";
import { isRefusal, isSuccess, put } from "../harness/put.mjs";

const honest = bytes(1, 1000);

describe("a grant", () => {
  const demo = arrange();

  /** Every deviation is refused and leaves nothing; then the honest upload, with the very same grant, is taken. */
  async function refusesEach(t, deviations) {
    const page = await demo.open(t);
    const [grant] = await ask(demo, { name: "grant.bin", size: honest.length, type: "application/x-test" });
    for (const [what, body, headers] of deviations) {
      const status = await put(page, grant, body, headers);
      assert.ok(isRefusal(status), `${what}: ${status}`);
      assert.equal(await demo.bucket.object(grant.key), undefined, what);
    }
    assert.ok(isSuccess(await put(page, grant, honest)));
    const object = await demo.bucket.object(grant.key);
    assert.deepEqual(object, { sha256: sha256(honest), size: honest.length, type: "application/x-test" });
  }

  test("takes no other size", t =>
    refusesEach(t, [
      ["a byte more", bytes(1, 1001)],
      ["a byte less", bytes(1, 999)],
      ["nothing", bytes(1, 0)],
      ["a hundred times as much", bytes(1, 100_000)],
    ]));

  test("takes no other content type", t =>
    refusesEach(t, [
      ["another type", honest, { "content-type": "text/html" }],
      ["a longer type", honest, { "content-type": "application/x-test; charset=utf-8" }],
      ["no type", honest, { "content-type": undefined }],
    ]));

  // The demo asks for it where the store keeps to it however a file comes.
  if (can.conditionalWrites && can.conditionalCompletes) {
    test("overwrites nothing", async t => {
      const page = await demo.open(t);
      const [grant] = await ask(demo, { name: "first.bin", size: honest.length, type: "application/x-test" });
      assert.ok(isSuccess(await put(page, grant, honest)));
      for (const headers of [{}, { "if-none-match": undefined }, { "if-none-match": '"another"' }]) {
        const status = await put(page, grant, bytes(2, honest.length), headers);
        assert.ok(isRefusal(status), `${JSON.stringify(headers)}: ${status}`);
        assert.equal((await demo.bucket.object(grant.key)).sha256, sha256(honest));
      }
    });
  } else {
    test("this store cannot refuse to overwrite: a grant does not promise it, and writes its own key again", async t => {
      const page = await demo.open(t);
      const file = { name: "first.bin", size: honest.length, type: "application/x-test" };
      const [grant, other] = await ask(demo, file, file);
      assert.equal(grant.headers["if-none-match"], undefined);
      assert.notEqual(grant.key, other.key);
      for (const contents of [honest, bytes(2, honest.length)]) {
        assert.ok(isSuccess(await put(page, grant, contents)));
        assert.equal((await demo.bucket.object(grant.key)).sha256, sha256(contents));
      }
      assert.equal(await demo.bucket.object(other.key), undefined);
    });
  }

  test("is for one key", async t => {
    const page = await demo.open(t);
    const [grant] = await ask(demo, { name: "one.bin", size: honest.length, type: "application/x-test" });
    const other = grant.url.replace("one.bin", "two.bin");
    assert.notEqual(other, grant.url);
    assert.ok(isRefusal(await put(page, { ...grant, url: other }, honest)));
    assert.equal(await demo.bucket.object(grant.key.replace("one.bin", "two.bin")), undefined);
  });
});

describe("a grant that lives two seconds", () => {
  const demo = arrange("--expires", "2");

  test("is refused by the store when it has expired", async t => {
    const page = await demo.open(t);
    const file = { name: "late.bin", size: honest.length, type: "application/x-test" };
    const [inTime, late] = await ask(demo, file, file);
    assert.equal(late.expiresIn, 2);
    assert.ok(isSuccess(await put(page, inTime, honest)));
    await after(3500); // time itself is what is tested
    const status = await put(page, late, honest);
    assert.ok(isRefusal(status), String(status));
    assert.equal(await demo.bucket.object(late.key), undefined);
    assert.equal((await demo.bucket.object(inTime.key)).sha256, sha256(honest));
  });
});
