// Somebody has a grant, and wants a receipt for what they did not send, or another object in the place of what they have a receipt for.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { arrangeOutside, arrangeWriteOnly } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { complete } from "../harness/demo.mjs";
import { can, engine } from "../harness/engine.mjs";
import { sendForm, sendPut } from "../harness/outside.mjs";
import { isRefusal, isSuccess } from "../harness/put.mjs";

const SIZE = 1000;
const [honest, other, secret] = [1, 2, 9].map(seed => bytes(seed, SIZE));
const file = name => ({ name, size: SIZE, type: "application/x-test" });
const md5 = contents => createHash("md5").update(contents).digest();

/** What only MinIO heeds: an object that was replicated says itself what its ETag is, and how old it is. */
const MINIO = { "x-minio-source-etag": "0".repeat(32), "x-minio-source-mtime": "2001-01-01T00:00:00Z", "x-minio-source-replication-request": "true" };

/** The grant's object as its receipt says it. */
async function received(demo, grant) {
  const [result] = await complete(demo, grant);
  assert.ok(result.receipt, JSON.stringify(result));
  return result;
}

async function isNotReceived(demo, grant, code) {
  const [result] = await complete(demo, grant);
  assert.equal(result.error?.code, code, JSON.stringify(result));
}

/** A grant into whose place the store is asked to copy another's object, with all that this upload's own would have. */
async function copyOf(demo, headers = {}) {
  const [victim, grant] = await demo.ask(file("secret.bin"), file("copy.bin"));
  assert.ok(isSuccess((await sendPut(victim, secret)).status));
  const source = { "x-amz-copy-source": `/${demo.place.bucket}/${encodeURI(victim.key)}` };
  return { grant, answer: await sendPut(grant, honest, { ...source, ...headers }) };
}

const REPLACE = { "x-amz-metadata-directive": "REPLACE" };

describe("a receipt", () => {
  const demo = arrangeOutside();

  if (can.refusesUnsignedCopies) {
    test("is given for no copy of another's object", async () => {
      for (const headers of [{}, REPLACE]) {
        const { grant, answer } = await copyOf(demo, headers);
        assert.ok(isRefusal(answer.status), answer.text);
        await isNotReceived(demo, grant, "object_missing");
      }
    });
  } else {
    test("this store copies another's object of the same size, and with the granted type and mark there is a receipt for it", async () => {
      await isNotReceived(demo, (await copyOf(demo)).grant, "object_mismatch");
      const { grant } = await copyOf(demo, REPLACE);
      await received(demo, grant);
      assert.equal((await demo.bucket.object(grant.key)).sha256, sha256(secret));
    });

    test("this store copies another object into the place of what has a receipt, although the URL forbids to overwrite", async () => {
      const [first, second] = await demo.ask(file("first.bin"), file("second.bin"));
      for (const [grant, contents] of [[first, honest], [second, other]]) assert.ok(isSuccess((await sendPut(grant, contents)).status));
      const { etag } = await received(demo, first);
      const source = { "x-amz-copy-source": `/${demo.place.bucket}/${encodeURI(second.key)}` };
      assert.ok(isSuccess((await sendPut(first, other, { ...source, ...REPLACE })).status));
      assert.equal((await demo.bucket.object(first.key)).sha256, sha256(other));
      assert.equal(await demo.bucket.isStill(first.key, etag), false);
    });
  }

  if (can.ownEtags) {
    test("has the store's own ETag, whatever a header says", async () => {
      const [grant] = await demo.ask(file("etag.bin"));
      await sendPut(grant, honest, MINIO);
      await sendPut(grant, honest);
      const { etag } = await received(demo, grant);
      assert.equal(etag, md5(honest).toString("hex"));
      const age = Date.now() - Date.parse((await demo.bucket.head(grant.key)).get("last-modified"));
      assert.ok(age < 600_000, `${age} ms old`);
    });
  } else {
    test("this store lets who sends an object say its ETag and its time, so that they prove nothing of its bytes", async () => {
      const [grant] = await demo.ask(file("etag.bin"));
      assert.ok(isSuccess((await sendPut(grant, honest, MINIO)).status));
      assert.equal((await received(demo, grant)).etag, MINIO["x-minio-source-etag"]);
      assert.equal((await demo.bucket.head(grant.key)).get("last-modified"), "Mon, 01 Jan 2001 00:00:00 GMT");
    });
  }

  if (can.conditionalWrites && can.conditionalCompletes) {
    test("is of what stays: nothing is sent in the place of what has arrived", async () => {
      const [grant] = await demo.ask(file("replay.bin"));
      assert.ok(isSuccess((await sendPut(grant, honest)).status));
      const { etag } = await received(demo, grant);
      for (const changes of [{}, MINIO, { "if-none-match": undefined }, { "if-match": `"${etag}"` }]) {
        const { status, text } = await sendPut(grant, other, changes);
        assert.ok(isRefusal(status), `${JSON.stringify(changes)}: ${status} ${text}`);
      }
      assert.ok(await demo.bucket.isStill(grant.key, etag));
      assert.equal((await demo.bucket.object(grant.key)).sha256, sha256(honest));
    });
  } else {
    test("this store takes the same PUT again after its receipt, whose ETag tells that the object is another", async () => {
      const [grant] = await demo.ask(file("replay.bin"));
      assert.ok(isSuccess((await sendPut(grant, honest)).status));
      const { etag } = await received(demo, grant);
      assert.ok(isSuccess((await sendPut(grant, other)).status));
      assert.equal(await demo.bucket.isStill(grant.key, etag), false);
    });
  }
});

describe("a receipt of a form", () => {
  const demo = arrangeOutside("--post-below", "1000000");

  /** Sends a form, gets its receipt, and sends it once more with other bytes; `headers` go with both. */
  async function replaced(name, headers = {}) {
    const [grant] = await demo.ask(file(name));
    assert.equal(grant.method, "post");
    const send = contents => sendForm(grant, contents, {}, { headers });
    assert.ok(isSuccess((await send(honest)).status));
    const proof = { contentMd5: headers["x-minio-source-etag"] ? Buffer.alloc(16).toString("base64") : md5(honest).toString("base64") };
    const { etag } = await received(demo, { ...grant, proof });
    assert.ok(await demo.bucket.isStill(grant.key, etag), "so far it is there");
    assert.ok(isSuccess((await send(other)).status));
    assert.equal((await demo.bucket.object(grant.key)).sha256, sha256(other));
    return { grant, etag, proof };
  }

  test("has an ETag that tells when other bytes were sent in their place, and is given for them no more", async () => {
    const { grant, etag, proof } = await replaced("replay.bin");
    assert.equal(await demo.bucket.isStill(grant.key, etag), false);
    await isNotReceived(demo, { ...grant, proof }, "checksum_mismatch");
  });

  if (!can.ownEtags) {
    test("this store lets who sends a form say its ETag, and so other bytes are in the place of what has a receipt, and nothing tells", async () => {
      const { grant, etag, proof } = await replaced("replay.bin", MINIO);
      assert.ok(await demo.bucket.isStill(grant.key, etag));
      await received(demo, { ...grant, proof });
    });
  }
});

// What such a store does is bounded by what the credentials may that signed the URL.
if (engine() === "minio") {
  describe("a receipt, where the credentials that sign URLs may only write", () => {
    const demo = arrangeWriteOnly();

    test("is given for no copy of another's object", async () => {
      for (const headers of [{}, REPLACE]) {
        const { grant, answer } = await copyOf(demo, headers);
        assert.ok(isRefusal(answer.status), answer.text);
        await isNotReceived(demo, grant, "object_missing");
      }
    });

    test("is of what stays: nothing is copied into the place of what has arrived", async () => {
      const [first, second] = await demo.ask(file("first.bin"), file("second.bin"));
      for (const [grant, contents] of [[first, honest], [second, other]]) assert.ok(isSuccess((await sendPut(grant, contents)).status));
      const { etag } = await received(demo, first);
      for (const key of [first.key, second.key]) {
        const source = { "x-amz-copy-source": `/${demo.place.bucket}/${encodeURI(key)}` };
        for (const headers of [source, { ...source, ...REPLACE }]) assert.ok(isRefusal((await sendPut(first, other, headers)).status));
      }
      assert.ok(await demo.bucket.isStill(first.key, etag));
      assert.equal((await demo.bucket.object(first.key)).sha256, sha256(honest));
    });
  });
}
