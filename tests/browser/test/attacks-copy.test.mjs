// Somebody has a grant, and adds a header that makes the store copy another object into its place: one that is not theirs to read.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arrangeOutside, arrangeWriteOnly } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { can, engine } from "../harness/engine.mjs";
import { IN_PARTS, PART } from "../harness/in-parts.mjs";
import { forged, inChunks, sendPut } from "../harness/outside.mjs";
import { isRefusal, isSuccess } from "../harness/put.mjs";

const SIZE = 1000;
const secret = bytes(9, SIZE);
const file = (name, size = SIZE) => ({ name, size, type: "application/x-test" });

/** The ways to name the source, and to say what is to be stored with the copy. */
const sources = (bucket, key) =>
  [`/${bucket}/${encodeURI(key)}`, `${bucket}/${encodeURI(key)}`, `/${bucket}/${encodeURIComponent(key)}`].flatMap(source => [
    { "x-amz-copy-source": source },
    { "x-amz-copy-source": source, "x-amz-metadata-directive": "REPLACE" },
    { "X-Amz-Copy-Source": source, "x-amz-copy-source-range": "bytes=0-9" },
  ]);

async function anothersObject(demo) {
  const [grant] = await demo.ask(file("secret.bin"));
  assert.ok(isSuccess((await sendPut(grant, secret)).status));
  return grant.key;
}

/** What a copying store makes of a grant of one PUT, and of a grant of parts. */
async function tryToCopy(demo, headers) {
  const [one, parts] = await demo.ask(file("copy.bin"), file("copies.bin", 2 * PART));
  const whole = await sendPut(one, bytes(1, SIZE), headers);
  const inPart = await sendPut({ url: parts.parts[0] }, bytes(1, PART), headers);
  const [{ parts: listed }] = await demo.bucket.uploads(parts.key);
  return { whole, inPart, object: await demo.bucket.object(one.key), part: listed[0], key: one.key };
}

describe("a header that nobody signed", () => {
  const demo = arrangeOutside(...IN_PARTS);

  if (can.refusesUnsignedCopies) {
    test("copies nothing: not into an object, not into a part", async () => {
      const key = await anothersObject(demo);
      for (const headers of sources(demo.place.bucket, key)) {
        const { whole, inPart, object, part } = await tryToCopy(demo, headers);
        for (const { status, text } of [whole, inPart]) assert.ok(isRefusal(status), `${JSON.stringify(headers)}: ${status} ${text}`);
        assert.deepEqual([object, part], [undefined, undefined]);
      }
    });
  } else {
    test("this store copies what a header names that nobody signed: what its credentials may read, whoever has a URL may copy", async () => {
      const key = await anothersObject(demo);
      const { whole, inPart, object, part } = await tryToCopy(demo, { "x-amz-copy-source": `/${demo.place.bucket}/${encodeURI(key)}` });
      assert.ok(isSuccess(whole.status) && isSuccess(inPart.status), `${whole.text} ${inPart.text}`);
      assert.equal(object.sha256, sha256(secret));
      assert.equal(part.size, SIZE);
    });
  }
});

// What such a store does is bounded by what the credentials may that signed the URL.
if (engine() === "minio") {
  describe("a header that nobody signed, in a URL of credentials that may only write", () => {
    const demo = arrangeWriteOnly(...IN_PARTS);

    test("copies nothing: not into an object, not into a part", async () => {
      const key = await anothersObject(demo);
      const [, granted] = await demo.ask(file("a.bin"), file("parts.bin", 2 * PART + 1));
      assert.ok(isSuccess((await sendPut({ url: granted.parts[2] }, "x")).status), "what is granted is taken");
      for (const headers of sources(demo.place.bucket, key)) {
        const [one, parts] = await demo.ask(file("copy.bin"), file("copies.bin", 2 * PART));
        for (const url of [one.url, parts.parts[0]]) {
          const { status, text } = await sendPut({ ...one, url }, url === one.url ? bytes(1, SIZE) : bytes(1, PART), headers);
          assert.ok(isRefusal(status), `${JSON.stringify(headers)}: ${status} ${text}`);
        }
        assert.equal(await demo.bucket.object(one.key), undefined);
        const [{ parts: listed }] = await demo.bucket.uploads(parts.key);
        assert.deepEqual(listed, []);
      }
    });

    test("writes into no other bucket in unsigned chunks", async t => {
      const other = await demo.anotherBucket(t);
      const [one] = await demo.ask(file("chunks.bin"));
      const { body, headers } = inChunks(SIZE);
      const url = forged(one.url).replace(`/${demo.place.bucket}/`, `/${other.name}/`);
      const { status, text } = await sendPut({ ...one, url }, body, headers);
      assert.ok(isRefusal(status), `${status} ${text}`);
      assert.deepEqual(await other.bucket.keys(), []);
    });
  });
}
