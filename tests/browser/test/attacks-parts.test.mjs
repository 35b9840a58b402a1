// Somebody has the grant of an upload in parts, and tools of their own, and wants more of the store than was granted.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { arrangeOutside } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { can } from "../harness/engine.mjs";
import { IN_PARTS, PART, partsOf } from "../harness/in-parts.mjs";
import { forged, inChunks, send, sendPut, withQuery } from "../harness/outside.mjs";
import { isRefusal, isSuccess } from "../harness/put.mjs";

const SIZE = 2 * PART + 1000;
const contents = bytes(1, SIZE);
const whole = { sha256: sha256(contents), size: SIZE, type: "application/x-test" };
const part = number => contents.subarray((number - 1) * PART, number * PART);

describe("a grant of parts", () => {
  const demo = arrangeOutside(...IN_PARTS);

  async function granted(name = "parts.bin") {
    const [grant] = await demo.ask({ name, size: SIZE, type: whole.type });
    assert.equal(grant.method, "multipart");
    return grant;
  }

  const put = (url, body, headers = {}) => sendPut({ url, headers }, body);

  async function sendAll(grant) {
    for (const [index, url] of grant.parts.entries()) {
      const { status, text } = await put(url, part(index + 1));
      assert.ok(isSuccess(status), text);
    }
  }

  /** One request to our own endpoints. */
  async function ours(endpoint, body) {
    const { status, text } = await send(`${demo.origin}/presignedUrl/${endpoint}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status, ...(text ? JSON.parse(text) : {}) };
  }

  const complete = async ({ token }) => (await ours("complete", { uploads: [{ token }] })).results[0];

  /** What the store has of the upload: the numbers and sizes of its parts. */
  const stored = async ({ key }) => (await demo.bucket.uploads(key)).map(({ parts }) => parts.map(({ number, size }) => [number, size]));

  /** Every attempt is refused and leaves no part; then the honest upload, with the very same grant, becomes the object. */
  async function refusesEach(attempts) {
    const grant = await granted();
    for (const [what, attempt] of await attempts(grant)) {
      const { status, text } = await attempt();
      assert.ok(isRefusal(status) || status === 501, `${what}: ${status} ${text}`);
      assert.deepEqual(await stored(grant), [[]], what);
      assert.equal(await demo.bucket.object(grant.key), undefined, what);
    }
    await sendAll(grant);
    const result = await complete(grant);
    assert.equal(result.key, grant.key, JSON.stringify(result));
    assert.deepEqual(await demo.bucket.object(grant.key), whole);
  }

  test("takes no bigger and no smaller part", () =>
    refusesEach(({ parts }) =>
      [[0, PART + 1], [0, PART - 1], [0, 0], [1, 1000], [2, 999], [2, 1001], [2, PART]].map(([index, size]) => [
        `${size} bytes as part ${index + 1}`,
        () => put(parts[index], bytes(1, size)),
      ]),
    ));

  test("is for no part number but its own: not 0, not 10,001, not another part's, and for no more parts than were granted", () =>
    refusesEach(grant => {
      const [first] = grant.parts;
      const numbers = ["0", "-1", "2", "3", "4", "10000", "10001", "4294967297", "1.0", "01", ""];
      return [
        ...numbers.map(number => [`part ${number}`, () => put(withQuery(first, { partNumber: number }), part(1))]),
        ["the last as the first", () => put(withQuery(grant.parts[2], { partNumber: "1" }), part(3))],
        ["no number", () => put(withQuery(first, { partNumber: undefined }), part(1))],
        ["another in front", () => put(first.replace("?", "?partNumber=2&"), part(1))],
      ];
    }));

  test("is for no other upload, and for no other key", async () => {
    const other = await granted("other.bin");
    const id = new URL(other.parts[0]).searchParams.get("uploadId");
    await refusesEach(grant => {
      const [first] = grant.parts;
      const elsewhere = first.replace(encodeURI(grant.key), encodeURI(other.key));
      return [
        ["its upload", () => put(withQuery(first, { uploadId: id }), part(1))],
        ["its key", () => put(elsewhere, part(1))],
        ["both", () => put(withQuery(elsewhere, { uploadId: id }), part(1))],
        ["its upload in front", () => put(first.replace("?", `?uploadId=${encodeURIComponent(id)}&`), part(1))],
        ["no upload, as a whole object", () => put(withQuery(first, { uploadId: undefined, partNumber: undefined }), part(1))],
        ["an upload that nobody began", () => put(withQuery(first, { uploadId: "none" }), part(1))],
      ];
    });
    assert.deepEqual(await stored(other), [[]]);
    assert.equal(await demo.bucket.object(other.key), undefined);
  });

  test("is for sending alone: who has it lists, completes and gives up nothing at the store", async () => {
    const grant = await granted();
    await sendAll(grant);
    const [first] = grant.parts;
    const there = await stored(grant);
    assert.deepEqual(there, [partsOf(SIZE).map((size, index) => [index + 1, size])]);
    const withoutNumber = withQuery(first, { partNumber: undefined });
    const list = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>`;
    for (const url of [first, withoutNumber]) {
      for (const [method, body] of [["GET", ""], ["DELETE", ""], ["POST", list], ["HEAD", ""]]) {
        const { status, text } = await send(url, { method, body });
        assert.ok(isRefusal(status), `${method}: ${status} ${text}`);
      }
    }
    assert.deepEqual(await stored(grant), there);
    assert.equal(await demo.bucket.object(grant.key), undefined);
    assert.equal((await complete(grant)).key, grant.key);
  });

  test("completes nothing whose parts were sent to another, and nothing before it is sent", async () => {
    const [full, empty] = [await granted("full.bin"), await granted("empty.bin")];
    await sendAll(full);
    assert.deepEqual((await complete(empty)).error.missingParts, [1, 2, 3]);
    await put(empty.parts[1], part(2));
    assert.deepEqual((await complete(empty)).error.missingParts, [1, 3]);
    assert.equal(await demo.bucket.object(empty.key), undefined);
    assert.equal(await demo.bucket.object(full.key), undefined);
  });

  test("is nothing more when its upload has come to its end", async () => {
    const [done, aborted] = [await granted("done.bin"), await granted("aborted.bin")];
    for (const grant of [done, aborted]) await sendAll(grant);
    assert.equal((await complete(done)).key, done.key);
    assert.equal((await ours("abort", { token: aborted.token })).status, 204);
    for (const grant of [done, aborted]) {
      const { status } = await put(grant.parts[0], bytes(2, PART));
      assert.ok(isRefusal(status), String(status));
      assert.deepEqual(await stored(grant), []);
    }
    assert.deepEqual(await demo.bucket.object(done.key), whole);
    assert.equal((await complete(aborted)).error.code, "upload_gone");
    assert.equal(await demo.bucket.object(aborted.key), undefined);
    // Giving up what is done takes nothing away.
    await ours("abort", { token: done.token });
    assert.deepEqual(await demo.bucket.object(done.key), whole);
  });

  test("twelve that complete at once make one object, and all are told of it", async () => {
    const grant = await granted("race.bin");
    await sendAll(grant);
    const results = await Promise.all(Array.from({ length: 12 }, () => complete(grant)));
    for (const { key, size, etag, error } of results) {
      assert.equal(key, grant.key, JSON.stringify(error));
      assert.deepEqual([size, etag], [SIZE, results[0].etag]);
    }
    assert.deepEqual(await demo.bucket.object(grant.key), whole);
  });

  if (can.verifiesTrailers) {
    test("takes no part in AWS's own unsigned chunks, whoever signed or did not", () => {
      const { body, headers } = inChunks(PART);
      return refusesEach(({ parts: [first] }) => [first, forged(first)].map(url => [url, () => put(url, body, headers)]));
    });
  } else {
    test("this store takes a part in unsigned chunks, and its upload is not completed, because the part is smaller than was granted", async () => {
      const grant = await granted("chunks.bin");
      await sendAll(grant);
      const { body, headers, contents } = inChunks(PART);
      assert.ok(isSuccess((await put(forged(grant.parts[0]), body, headers)).status));
      assert.deepEqual((await stored(grant))[0][0], [1, contents.length]);
      assert.deepEqual((await complete(grant)).error.missingParts, [1]);
      assert.equal(await demo.bucket.object(grant.key), undefined);
    });
  }
});

describe("a grant of parts whose URLs have expired", () => {
  const demo = arrangeOutside(...IN_PARTS, "--expires", "2");

  test("is not brought to life again", async () => {
    const [grant] = await demo.ask({ name: "late.bin", size: SIZE, type: whole.type });
    const [url] = grant.parts;
    await after(3500); // time itself is what is tested
    const now = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const later = [{}, { "X-Amz-Expires": "604800" }, { "X-Amz-Date": now }, { "X-Amz-Expires": "604800", "X-Amz-Date": now }];
    for (const attempt of [...later.map(changes => withQuery(url, changes)), `${url}&X-Amz-Expires=604800`, url.replace("?", "?X-Amz-Expires=604800&")]) {
      const { status } = await sendPut({ url: attempt, headers: {} }, part(1));
      assert.ok(isRefusal(status), `${attempt.split("&X-Amz-Sign")[0]}: ${status}`);
    }
    const uploads = await demo.bucket.uploads(grant.key);
    assert.deepEqual(uploads.map(({ parts }) => parts.length), [0]);
  });
});
