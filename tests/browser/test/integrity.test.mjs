// What the browser sends is what the store has: each request says what its bytes are, and the store refuses others.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { arrangeInParts } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { upload } from "../harness/client.mjs";
import { can } from "../harness/engine.mjs";
import { PART, partsOf, puts } from "../harness/in-parts.mjs";

const QUICK = { attempts: 3, minDelay: 1, maxDelay: 5 };
const md5 = content => createHash("md5").update(content).digest("base64");
const FILES = [
  { name: "empty.bin", seed: 1, size: 0 },
  { name: "whole.bin", seed: 2, size: 3_000_001 },
  { name: "parts.bin", seed: 3, size: 2 * PART + 3 },
];

describe("an upload's bytes", () => {
  const demo = arrangeInParts();

  async function arrived({ status, error, key }, { seed, size }) {
    assert.equal(status, "done", error?.message);
    assert.equal((await demo.bucket.object(key))?.sha256, sha256(bytes(seed, size)));
    assert.deepEqual(await demo.bucket.uploads(key), []);
  }

  /** Each byte of every request in turn would take long; these are the first and the last. */
  for (const [index, { name, size }] of FILES.entries()) {
    for (const where of size ? ["first", "last"] : []) {
      test(`${name}: one bit of the ${where} byte changes on its way, is refused, and is sent again`, async t => {
        const page = await demo.open(t);
        const file = { ...FILES[index], name: `${where} ${name}` };
        const length = partsOf(size)[0];
        const flip = { first: 0, last: length - 1 }[where];
        const wanted = size > PART ? "1" : undefined;
        const isIt = ({ method, path, query, attempt }) =>
          method === "PUT" && decodeURIComponent(path).endsWith(file.name) && query.partNumber === wanted && attempt === 1;
        t.after(demo.proxy.rule(entry => isIt(entry) && { flip }));
        const { results: [result], events } = await upload(page, [file], { retry: QUICK });
        await arrived(result, file);
        const refused = demo.proxy.requests.filter(isIt);
        assert.deepEqual(refused.map(({ status }) => status), [400]);
        const retries = events.filter(({ type }) => type === "retry");
        assert.deepEqual(retries.map(({ part }) => part), [wanted && 1]);
        assert.match(retries[0].error.storeCode, /Digest|Mismatch/);
        page.watched.isQuiet({ failedAnswers: true });
      });
    }
  }
  test("every PUT and every part says what its bytes are", async t => {
    const page = await demo.open(t);
    const { results } = await upload(page, FILES);
    for (const [index, file] of FILES.entries()) {
      await arrived(results[index], file);
      const content = bytes(file.seed, file.size);
      for (const { query, headers } of puts(demo.proxy, results[index].key)) {
        const from = ((query.partNumber ?? 1) - 1) * PART;
        const sent = query.partNumber ? content.subarray(from, from + PART) : content;
        assert.equal(headers["content-md5"], md5(sent), `${file.name} ${query.partNumber}`);
      }
    }
    page.watched.isQuiet();
  });

  for (const list of ["crc64nvme", "crc32c", "crc32", "md5,crc64nvme", "none"]) {
    const crc = list.split(",").find(name => name.startsWith("crc"));

    /** A page of a demo that asks for these checksums. */
    async function open(t) {
      const other = await demo.another("--checksum", list);
      t.after(other.stop);
      const page = await demo.open(t);
      await page.goto(other.origin);
      return page;
    }

    if (crc && !can.fullObjectPolicies) {
      test(`with \`${list}\` for their proof are none that this store can take, and the server says so when it starts`, async () => {
        await assert.rejects(demo.another("--checksum", list), /asks for more than the store can.*full_object_checksum/s);
      });
      continue;
    }

    test(`with \`${list}\` for their proof, arrive`, async t => {
      const page = await open(t);
      const { results } = await upload(page, FILES);
      for (const [index, file] of FILES.entries()) await arrived(results[index], file);
      const headers = puts(demo.proxy, results[2].key).map(({ headers }) => headers["content-md5"] !== undefined);
      assert.deepEqual(headers, partsOf(FILES[2].size).map(() => list.includes("md5")));
      page.watched.isQuiet();
    });

    if (!crc) continue;
    test(`with \`${list}\` for their proof, never make an object of bytes that changed on their way`, async t => {
      const page = await open(t);
      const file = { name: `flipped ${list}.bin`, seed: 4, size: 2 * PART + 9 };
      const isIt = ({ method, path, query, attempt }) => method === "PUT" && decodeURIComponent(path).endsWith(file.name) && query.partNumber === "2" && attempt === 1;
      t.after(demo.proxy.rule(entry => isIt(entry) && { flip: 4_000_000 }));
      const { results: [result], events } = await upload(page, [file], { retry: QUICK });
      t.diagnostic(`${result.status} after ${events.filter(({ type }) => type === "retry").length} retries`);
      if (result.status === "done") return arrived(result, file);
      assert.equal(result.error.code, "checksum_mismatch");
      assert.equal((await demo.bucket.keys()).filter(key => key.endsWith(file.name)).length, 0);
    });
  }
});
