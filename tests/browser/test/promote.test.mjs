// What is sent to a pending key has its own once it is complete, and not before: through the client, and as the store has it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arrangeInParts } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { upload } from "../harness/client.mjs";
import { complete } from "../harness/demo.mjs";
import { can } from "../harness/engine.mjs";
import { eventually } from "../harness/eventually.mjs";
import { partsOf, puts } from "../harness/in-parts.mjs";
import { sendPut } from "../harness/outside.mjs";
import { isSuccess } from "../harness/put.mjs";
import { onGrants } from "../harness/ui.mjs";

const contents = ({ seed, size }) => sha256(bytes(seed, size));

/** Larger ones are copied by parts: the least that stores let a part have. */
const COPY_AT_MOST = 5 * 1024 ** 2;
const FORMS_BELOW = 100_000;

const FILES = [
  { name: "empty.txt", size: 0, by: "form" },
  { name: "Grüße & more.txt", size: 1000, by: "form" },
  { name: "whole.txt", size: 200_000, by: "PUT" },
  { name: "copied by parts.txt", size: COPY_AT_MOST + 9, by: "PUT" },
  { name: "parts.txt", size: 12_000_000, by: "parts" },
].map((file, seed) => ({ ...file, seed, type: "text/plain" }));

/** What the claims of a receipt say, which are not secret; that they are true is the demo's to verify. */
async function proven(demo, file, receipt) {
  const answer = await fetch(`${demo.origin}/files`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: file.name, receipt }),
  });
  assert.ok(answer.ok, `${file.name}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

describe("what is sent to a pending key", () => {
  const forms = can.forms ? ["--post-below", String(FORMS_BELOW)] : [];
  const demo = arrangeInParts("--pending-prefix", "pending", "--copy-at-most", String(COPY_AT_MOST), ...forms);

  const pending = async () => (await demo.bucket.keys()).filter(key => key.startsWith("pending/"));

  /** Opens a page; `granted` are the keys that files were sent to, and the grants. */
  async function open(t) {
    const page = await demo.open(t);
    const granted = [];
    onGrants(page, answered => granted.push(...answered.map(({ grant }) => grant)));
    return { page, granted };
  }

  /** Nothing of these grants is left where it was sent to. */
  async function nothingPending(granted) {
    assert.deepEqual(await pending(), []);
    for (const { key } of granted) assert.deepEqual(await demo.bucket.uploads(key), [], key);
  }

  test("has its own once it is complete, whichever way it went", async t => {
    const { page, granted } = await open(t);
    const { results } = await upload(page, FILES);
    assert.deepEqual(results.filter(({ status }) => status !== "done"), []);
    assert.deepEqual(granted.map(({ key }) => key.split("/")[0]), FILES.map(() => "pending"));
    const ways = { form: can.forms ? "post" : "put", PUT: "put", parts: "multipart" };
    assert.deepEqual(granted.map(({ method }) => method), FILES.map(({ by }) => ways[by]));
    for (const [index, { key, type, receipt }] of results.entries()) {
      const file = FILES[index];
      assert.ok(!key.startsWith("pending/") && key !== granted[index].key, key);
      assert.deepEqual(await demo.bucket.object(key), { sha256: contents(file), size: file.size, type: "text/plain" }, file.name);
      const known = await proven(demo, file, receipt);
      assert.deepEqual([known.key, known.size, type], [key, file.size, "text/plain"], file.name);
      assert.deepEqual(await demo.bucket.uploads(key), [], `a copy of ${file.name} is left`);
    }
    await nothingPending(granted);
    page.watched.isQuiet();
  });

  test("is copied by parts where it is larger than is copied in one go", async t => {
    const { page } = await open(t);
    const { results } = await upload(page, FILES);
    for (const [index, { key }] of results.entries()) {
      const { name, size } = FILES[index];
      const copies = puts(demo.proxy, key).filter(({ headers }) => headers["x-amz-copy-source"]);
      const numbered = copies.filter(({ query }) => query.partNumber !== undefined);
      if (size > COPY_AT_MOST) {
        assert.equal(numbered.length, partsOf(size).length, name);
        assert.ok(numbered.every(({ headers }) => headers["x-amz-copy-source-range"]), name);
      } else {
        assert.equal(copies.length, 1, name);
      }
      assert.ok(copies.every(({ headers }) => headers["x-amz-copy-source-if-match"]), name);
    }
  });

  test("is not under a key that counts before it is complete, and is so by any number of calls at once", async t => {
    for (const file of FILES.filter(({ by }) => by !== "parts")) {
      const { page, granted } = await open(t);
      const tokens = [];
      // The page's own call never comes, and tells what it would have said.
      await page.route("**/presignedUrl/complete", route => tokens.push(...route.request().postDataJSON().uploads));
      const before = await demo.bucket.keys();
      page.evaluate(
        async ({ name, seed, size, type }) => {
          const { upload } = await import("/presign-client/index.js");
          await upload([new File([bytes(seed, size)], name, { type })]);
        },
        file,
      ).catch(() => {}); // the page is closed before it ends
      await eventually(() => tokens.length === 1, "the client completes the upload");
      assert.deepEqual((await demo.bucket.keys()).filter(key => !before.includes(key)), [granted[0].key]);

      const [{ token, ...proof }] = tokens;
      const calls = Array.from({ length: 6 }, () => complete(demo, { token, proof }));
      const answers = (await Promise.all(calls)).flat();
      for (const answer of answers) assert.equal(answer.key, answers[0].key, `${file.name}: ${JSON.stringify(answer)}`);
      assert.equal((await demo.bucket.object(answers[0].key)).sha256, contents(file));
      await nothingPending(granted);
      assert.deepEqual(await demo.bucket.uploads(answers[0].key), []);
    }
  });

  test("and is cancelled midway leaves nothing, pending or not", async t => {
    const { page, granted } = await open(t);
    const before = await demo.bucket.keys();
    // The first of it is on its way until the upload is cancelled.
    let go;
    const until = new Promise(resolve => (go = resolve));
    t.after(go);
    t.after(demo.proxy.rule(({ method, path }) => (method === "PUT" && path.includes("/pending/") ? { stall: 100_000, until } : undefined)));
    const uploading = page.evaluate(async () => {
      const { upload } = await import("/presign-client/index.js");
      const files = [new File([new Uint8Array(12_000_000)], "parts.bin"), new File([new Uint8Array(3_000_000)], "whole.bin")];
      globalThis.task = upload(files, { onEvent: () => {} });
      return (await globalThis.task).map(({ status }) => status);
    });
    await eventually(() => {
      const stalled = demo.proxy.requests.filter(({ method, path, sent, over }) => method === "PUT" && path.includes("/pending/") && sent >= 100_000 && !over);
      return new Set(stalled.map(({ path }) => path)).size === 2;
    }, "both files are on their way");
    await page.evaluate(() => globalThis.task.cancel());
    assert.deepEqual(await uploading, ["cancelled", "cancelled"]);
    go();
    await eventually(async () => (await Promise.all(granted.map(({ key }) => demo.bucket.uploads(key)))).flat().length === 0, "the parts are given up");
    await nothingPending(granted);
    assert.deepEqual(await demo.bucket.keys(), before);
  });
});

describe("what is looked at before it is copied", () => {
  const demo = arrangeInParts("--pending-prefix", "pending", "--check-content");
  const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.from("\0\0\0\rIHDR")]);
  const page = Buffer.from("<!doctype html> ");
  /** Where whoever sends an object can say its ETag, that of the one is that of the other. */
  const chosen = can.ownEtags ? {} : { "x-minio-source-etag": "0".repeat(32), "x-minio-source-replication-request": "true" };

  test("is replaced in the same moment, and what came in its place is not there in the end", async t => {
    const before = await demo.bucket.keys();
    const [grant] = await demo.ask({ name: "a.png", size: png.length, type: "image/png" });
    assert.ok(isSuccess((await sendPut(grant, png, chosen)).status));
    let replaced;
    t.after(
      demo.proxy.rule(({ headers }) => {
        if (replaced || !headers["x-amz-copy-source"]) return undefined;
        replaced = sendPut(grant, page, chosen);
        return { hold: replaced };
      }),
    );
    const [refused] = await complete(demo, grant);
    assert.ok(isSuccess((await replaced).status));
    assert.equal(refused.error?.code, "content_mismatch", JSON.stringify(refused));
    assert.deepEqual(await demo.bucket.keys(), before);
    const [gone] = await complete(demo, grant);
    assert.equal(gone.error?.code, "object_missing", JSON.stringify(gone));
  });
});
