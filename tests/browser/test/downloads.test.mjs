// What was uploaded is downloaded again: by links, by scripts, in ranges, from the store itself.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { arrange, arrangeOutside } from "../harness/arrange.mjs";
import { bytes } from "../harness/bytes.mjs";
import { ask } from "../harness/demo.mjs";
import { isRefusal } from "../harness/put.mjs";

const CONTENTS = bytes(1, 300_000);
const HTML = Buffer.from("<!doctype html><title>ran</title><script>document.title = 'ran'</script>");

describe("a download", () => {
  const demo = arrange("--downloads");

  /** Uploads a file without the client, and gives its key. */
  async function stored(name, type, body = CONTENTS) {
    const [grant] = await ask(demo, { name, size: body.length, type });
    const { "content-length": _, ...headers } = grant.headers;
    const answer = await fetch(grant.url, { method: "PUT", headers, body });
    assert.equal(answer.status, 200, await answer.text());
    return grant.key;
  }

  const path = (key, query = {}) => `/presignedUrl/download?${new URLSearchParams({ key, ...query })}`;

  /** A page of the demo's with a link there. */
  async function linked(t, to) {
    const page = await demo.open(t);
    await page.evaluate(to => {
      const link = Object.assign(document.createElement("a"), { href: to, textContent: "the file" });
      document.body.prepend(link);
    }, to);
    return page;
  }

  async function saved(page) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("the file").click()]);
    return { name: download.suggestedFilename(), contents: await readFile(await download.path()) };
  }

  test("by a link is saved under the file's name, every byte of it, from the store", async t => {
    const key = await stored("a b.png", "image/png");
    const page = await linked(t, path(key, { name: "my 日本 & 'cat'.png" }));
    const { name, contents } = await saved(page);
    assert.equal(name, "my 日本 & 'cat'.png");
    assert.ok(contents.equals(CONTENTS));
  });

  test("that is to be shown is shown, unless it could run", async t => {
    const shown = await stored("a.txt", "text/plain;charset=utf-8", Buffer.from("shown ✓"));
    const page = await linked(t, path(shown, { disposition: "inline" }));
    await page.getByText("the file").click();
    await page.getByText("shown ✓").waitFor();
    assert.notEqual(new URL(page.url()).origin, demo.origin, "the store serves it");

    for (const [type, body] of [["text/html", HTML], ["image/svg+xml", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')]]) {
      const key = await stored("page.html", type, body);
      const page = await linked(t, path(key, { disposition: "inline", name: "saved" }));
      const { contents } = await saved(page);
      assert.ok(contents.equals(body), type);
      assert.equal(new URL(page.url()).origin, demo.origin, "the page stays");
    }
  });

  test("is read by a page's script, whole and in ranges", async t => {
    const key = await stored("a.bin", "application/octet-stream");
    const page = await demo.open(t);
    const read = await page.evaluate(async path => {
      const { url, expiresIn } = await (await fetch(path, { headers: { accept: "application/json" } })).json();
      const read = async (from, range) => {
        const answer = await fetch(from, range && { headers: { range } });
        return { status: answer.status, bytes: [...new Uint8Array(await answer.arrayBuffer())].slice(0, 9), redirected: answer.redirected };
      };
      return { expiresIn, whole: await read(path), first: await read(url, "bytes=0-8"), middle: await read(url, "bytes=70000-70008"), last: await read(url, "bytes=-5") };
    }, path(key));
    const at = (from, to) => [...CONTENTS.subarray(from, to)];
    assert.deepEqual(read, {
      expiresIn: 900,
      whole: { status: 200, bytes: at(0, 9), redirected: true },
      first: { status: 206, bytes: at(0, 9), redirected: false },
      middle: { status: 206, bytes: at(70_000, 70_009), redirected: false },
      last: { status: 206, bytes: at(CONTENTS.length - 5), redirected: false },
    });
    page.watched.isQuiet();
  });

  test("is one object's, as it was asked for: a URL that was changed is refused", async () => {
    const [key, other] = [await stored("a.txt", "text/html", HTML), await stored("b.txt", "text/plain")];
    const answer = await fetch(demo.origin + path(key), { headers: { accept: "application/json" } });
    const { url } = await answer.json();
    assert.equal((await fetch(url)).headers.get("content-type"), "text/html");
    const changed = {
      "another key": url.replace(encodeURI(key), encodeURI(other)),
      "shown instead of saved": url.replace("attachment", "inline"),
      "without its disposition": url.replace(/response-content-disposition=[^&]*&/, ""),
      "another type": url.replace("text%2Fhtml", "text%2Fplain"),
      "a longer life": url.replace("X-Amz-Expires=900", "X-Amz-Expires=90000"),
    };
    for (const [what, url_] of Object.entries(changed)) {
      assert.notEqual(url_, url, what);
      const { status } = await fetch(url_);
      assert.ok(isRefusal(status), `${what}: ${status}`);
    }
    for (const method of ["PUT", "DELETE", "POST"]) {
      const { status } = await fetch(url, { method, ...(method === "DELETE" ? {} : { body: "x" }) });
      assert.ok(isRefusal(status), `${method}: ${status}`);
    }
    assert.equal((await demo.bucket.object(key)).size, HTML.length);
  });

  test("of what is not there is none", async () => {
    const answer = await fetch(`${demo.origin}/presignedUrl/download?key=not/there`);
    assert.equal(answer.status, 404);
    assert.equal((await answer.json()).code, "object_not_found");
  });
});

describe("a download whose URL has expired", () => {
  const demo = arrangeOutside("--downloads", "--expires", "2");

  test("is not brought to life again", async () => {
    const [grant] = await demo.ask({ name: "late.txt", size: HTML.length, type: "text/plain" });
    const { "content-length": _, ...headers } = grant.headers;
    assert.ok((await fetch(grant.url, { method: "PUT", headers, body: HTML })).ok);
    const path = `${demo.origin}/presignedUrl/download?${new URLSearchParams({ key: grant.key })}`;
    const { url } = await (await fetch(path, { headers: { accept: "application/json" } })).json();
    const read = async url => {
      const answer = await fetch(url);
      return { status: answer.status, text: await answer.text() };
    };
    assert.equal((await read(url)).text, HTML.toString());
    await after(3500); // time itself is what is tested
    const now = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const longer = url.replace("X-Amz-Expires=2", "X-Amz-Expires=604800");
    assert.notEqual(longer, url);
    for (const attempt of [url, longer, longer.replace(/X-Amz-Date=\w+/, `X-Amz-Date=${now}`), `${url}&X-Amz-Expires=604800`, url.replace("?", "?X-Amz-Expires=604800&")]) {
      const { status, text } = await read(attempt);
      assert.ok(isRefusal(status), `${attempt.split("&X-Amz-Sign")[0]}: ${status}`);
      assert.ok(!text.includes("<title>"));
    }
  });
});
