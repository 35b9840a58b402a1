// Small files as forms, where the server grants them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arrangeBehindProxy } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { upload } from "../harness/client.mjs";
import { can } from "../harness/engine.mjs";

const contents = ({ seed, size }) => sha256(bytes(seed, size));
const files = [["a.txt", 1000], ["Grüße.txt", 50_000], ["empty.txt", 0]].map(([name, size], seed) => ({ name, seed, size, type: "text/plain" }));

/** What a small file goes by. */
const METHOD = can.forms ? "POST" : "PUT";

describe(can.forms ? "a small file" : "a small file, at a store that takes no forms,", () => {
  const demo = arrangeBehindProxy(...(can.forms ? ["--post-below", "100000"] : []));

  /** The requests that came to the store from the browser: their methods. */
  const methods = from => demo.proxy.requests.slice(from).map(({ method }) => method);

  test(`goes by ${METHOD}, and arrives as it is`, async t => {
    const page = await demo.open(t);
    const from = demo.proxy.requests.length;
    const { results } = await upload(page, [...files, { name: "large.bin", seed: 9, size: 200_000, type: "image/png" }]);
    assert.deepEqual(results.filter(({ status, receipt }) => status !== "done" || !receipt), []);
    for (const [index, file] of files.entries()) {
      assert.equal((await demo.bucket.object(results[index].key)).sha256, contents(file));
      assert.equal(results[index].type, "text/plain");
    }
    const sent = methods(from).filter(method => method !== "OPTIONS");
    assert.deepEqual(sent.sort(), [METHOD, METHOD, METHOD, "PUT"]);
    page.watched.isQuiet();
  });

  test(`needs ${can.forms ? "no preflight" : "nothing else"} where nobody listens to progress`, async t => {
    const page = await demo.open(t);
    const from = demo.proxy.requests.length;
    const results = await page.evaluate(async files => {
      const { upload } = await import("/presign-client/index.js");
      const selected = files.map(({ name, seed, size, type }) => new File([bytes(seed, size)], name, { type }));
      return (await upload(selected)).map(({ status, key, receipt }) => ({ status, key, receipt }));
    }, files);
    assert.deepEqual(results.map(({ status }) => status), ["done", "done", "done"]);
    const sent = methods(from).filter(method => can.forms || method !== "OPTIONS");
    assert.deepEqual(sent, [METHOD, METHOD, METHOD]);
    for (const [index, { key }] of results.entries()) assert.equal((await demo.bucket.object(key)).sha256, contents(files[index]));
  });
});
