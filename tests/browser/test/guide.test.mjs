// The page of the guide that the endpoint comes from, its script as the guide has it (the ends of its blocks, which the guide
// leaves out, added), uploads through our endpoint unchanged.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { arrange } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { isRefusal, isSuccess, put } from "../harness/put.mjs";

const jquery = createRequire(import.meta.url).resolve("jquery");
const page = new URL("../fixtures/guide.html", import.meta.url);

/**
 * Opens the guide's page on the demo's origin. Nothing but jQuery comes from elsewhere, and that from here. Chromium does not
 * know that a page which did not come over the network is as local as the store, so that has to be permitted.
 */
async function openGuide(demo, t) {
  const guide = await demo.open(t, "/", { permissions: ["local-network-access"] });
  await guide.route(`${demo.origin}/guide`, async route =>
    route.fulfill({ contentType: "text/html; charset=utf-8", body: await readFile(page, "utf8") }),
  );
  await guide.route("**/jquery-3.1.0.min.js", route => route.fulfill({ path: jquery, contentType: "text/javascript" }));
  await guide.route("**/favicon.ico", route => route.fulfill({ status: 204 })); // the guide has none
  await guide.goto(`${demo.origin}/guide`);
  return guide;
}

describe("the guide's own page", () => {
  const demo = arrange();

  const files = [
    ["photo.png", "image/png"],
    ["notes without a type", ""],
    ["two words.txt", "text/plain"],
    ["日本.png", "image/png"],
    ["50%.png", "image/png"],
  ];
  for (const [seed, [name, mimeType]] of files.entries()) {
    test(`uploads ${name}`, async t => {
      const guide = await openGuide(demo, t);
      assert.equal(await guide.textContent("#status"), "No uploads");
      const contents = bytes(seed, 50_000 + seed);
      await guide.setInputFiles("#selector", { name, mimeType, buffer: Buffer.from(contents) });
      await guide.click("button");
      await guide.waitForFunction(() => document.querySelector("#status").textContent !== "No uploads");
      assert.equal(await guide.textContent("#status"), `Uploaded ${name}.`);
      assert.equal(guide.watched.puts.length, 1);
      const object = await demo.bucket.object(demo.bucket.keyOf(guide.watched.puts[0]));
      assert.deepEqual([object?.sha256, object?.size], [sha256(contents), contents.length]);
      guide.watched.isQuiet();
    });
  }
});

describe("the guide's request where the server has limits", () => {
  const demo = arrange("--max-size", "1000", "--types", "image/*");
  const get = (query, headers) => fetch(`${demo.origin}/presignedUrl?${query}`, { headers });

  test("is refused, and says what to send", async () => {
    const answer = await get("name=a.png");
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    const problem = await answer.json();
    assert.equal(problem.code, "size_and_type_required");
    assert.match(problem.detail, /size.*type/);
  });

  test("is answered with size and type, and the store holds the upload to both", async t => {
    const page = await demo.open(t);
    const query = "name=a.png&size=700&type=image/png";
    const alone = await get(query);
    assert.match(alone.headers.get("content-type"), /^text\/plain/);
    assert.match(await alone.text(), /^http\S+$/);

    const grant = await (await get(query, { accept: "application/json" })).json();
    const contents = bytes(3, 700);
    assert.ok(isRefusal(await put(page, grant, bytes(3, 701))));
    assert.ok(isRefusal(await put(page, grant, contents, { "content-type": "text/html" })));
    assert.equal(await demo.bucket.object(grant.key), undefined);
    assert.ok(isSuccess(await put(page, grant, contents)));
    assert.equal((await demo.bucket.object(grant.key)).sha256, sha256(contents));
  });

  test("gets neither a larger file nor another type", async () => {
    for (const [query, code] of [["name=a.png&size=1001&type=image/png", "file_too_large"], ["name=a.txt&size=10&type=text/plain", "type_not_allowed"]]) {
      const answer = await get(query, { accept: "application/json" });
      assert.equal(answer.status, 400);
      assert.equal((await answer.json()).code, code);
    }
  });
});
