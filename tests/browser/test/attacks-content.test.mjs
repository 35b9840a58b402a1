// Somebody has a grant and sends what does not bear its type, where the server looks at the first bytes; or sends other bytes afterwards, where what is
// complete has a key of its own.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { arrangeOutside } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { complete } from "../harness/demo.mjs";
import { can } from "../harness/engine.mjs";
import { sendForm, sendPut } from "../harness/outside.mjs";
import { isSuccess } from "../harness/put.mjs";

const SIZE = 1000;
const starting = text => Buffer.concat([Buffer.from(text, "latin1"), Buffer.alloc(SIZE, " ")], SIZE);
const png = starting("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0");
const page = starting("<!doctype html><script>alert(document.cookie)</script>");
const program = starting("\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0");
const image = { name: "a.png", size: SIZE, type: "image/png" };

/** What only MinIO heeds: an object that was replicated says itself what its ETag is. */
const MINIO = { "x-minio-source-etag": "0".repeat(32), "x-minio-source-mtime": "2001-01-01T00:00:00Z", "x-minio-source-replication-request": "true" };

/** How a file is sent: what the demo is told for that, and what the client tells in the end of these contents. */
const WAYS = {
  put: { options: [], send: async (grant, contents, headers) => (await sendPut(grant, contents, headers)).status, proof: () => ({}) },
  post: {
    options: ["--post-below", "1000000"],
    send: async (grant, contents, headers) => (await sendForm(grant, contents, {}, { headers })).status,
    proof: (contents, headers = {}) => {
      const etag = can.ownEtags ? undefined : headers["x-minio-source-etag"];
      return { contentMd5: (etag ? Buffer.from(etag, "hex") : createHash("md5").update(contents).digest()).toString("base64") };
    },
  },
};

for (const [method, { options, send, proof }] of Object.entries(WAYS)) {
  const completed = async (demo, grant, contents, headers) => (await complete(demo, { ...grant, proof: proof(contents, headers) }))[0];
  const sent = async (grant, contents, headers) => assert.ok(isSuccess(await send(grant, contents, headers)));
  const received = result => assert.ok(result.receipt, JSON.stringify(result));
  const granted = async (demo, file = image) => {
    const [grant] = await demo.ask(file);
    assert.equal(grant.method, method);
    return grant;
  };
  const isRefused = ({ error, receipt }) => assert.deepEqual([error?.code, receipt], ["content_mismatch", undefined]);
  const holds = async (demo, key, contents) => assert.equal((await demo.bucket.object(key))?.sha256, sha256(contents));

  describe(`a file by ${method}, where content is looked at,`, () => {
    const demo = arrangeOutside("--check-content", ...options);

    test("that contradicts its type has no receipt, however often it is completed", async () => {
      for (const contents of [page, program]) {
        const grant = await granted(demo);
        await sent(grant, contents);
        for (let time = 0; time < 2; time++) isRefused(await completed(demo, grant, contents));
      }
      const grant = await granted(demo);
      await sent(grant, png);
      received(await completed(demo, grant, png));
    });
  });

  describe(`a file by ${method}, where it is pending first and content is looked at,`, () => {
    const demo = arrangeOutside("--check-content", "--pending-prefix", "pending", ...options);

    test("that contradicts its type never has its key, and is deleted", async () => {
      const before = await demo.bucket.keys();
      const grant = await granted(demo);
      for (const contents of [page, program]) {
        await sent(grant, contents);
        isRefused(await completed(demo, grant, contents));
        assert.deepEqual(await demo.bucket.keys(), before);
      }
      await sent(grant, png);
      const done = await completed(demo, grant, png);
      received(done);
      await holds(demo, done.key, png);
      await demo.bucket.remove(done.key);
    });

    test("that has a receipt is not what is sent afterwards, whatever that says its ETag is", async () => {
      const [honest, other] = [1, 2].map(seed => bytes(seed, SIZE));
      for (const headers of [{}, MINIO]) {
        const grant = await granted(demo, { name: "a.bin", size: SIZE, type: "application/x-test" });
        await sent(grant, honest, can.ownEtags ? {} : headers);
        const done = await completed(demo, grant, honest, headers);
        received(done);
        for (const again of [headers, {}]) await send(grant, other, again);
        assert.ok(await demo.bucket.isStill(done.key, done.etag));
        await holds(demo, done.key, honest);

        const { key, etag } = await completed(demo, grant, honest, headers);
        assert.deepEqual([key, etag], [done.key, done.etag]);
        assert.equal(await demo.bucket.object(grant.key), undefined, "what is pending is of no use");
        await demo.bucket.remove(key);
      }
    });

    test("that is sent anew while it is completed is what was looked at, or refused", { timeout: 120_000 }, async () => {
      const headers = can.ownEtags ? {} : MINIO;
      for (let round = 0; round < 12; round++) {
        const grant = await granted(demo);
        await sent(grant, png, headers);
        const sending = [page, png, page, png].map(contents => send(grant, contents, headers));
        const results = await Promise.all(Array.from({ length: 6 }, () => completed(demo, grant, png, headers)));
        await Promise.all(sending);
        for (const { key, receipt } of results) if (receipt) await holds(demo, key, png);
        const wrong = (await demo.bucket.keys()).filter(key => !key.startsWith("pending/"));
        for (const key of wrong) {
          await holds(demo, key, png);
          await demo.bucket.remove(key);
        }
        await demo.bucket.remove(grant.key);
      }
    });
  });
}
