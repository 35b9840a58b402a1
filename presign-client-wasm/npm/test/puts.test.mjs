// What is sent to the store, and what is made of its answers.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BREAK, serve } from "./support/server.mjs";
import { file, files, QUICK, send, statuses } from "./support/uploading.mjs";
import { awhile, gate, until } from "./support/waiting.mjs";
import { opened } from "./support/xhr.mjs";

const keys = puts => puts.map(({ key }) => key);

describe("a PUT", () => {
  test("has the file's bytes, and its answer's ETag is in the result", async t => {
    const server = await serve(t);
    const results = await send(server, [file("a.txt"), { name: "b.bin", blob: new Blob(["b", "ytes"]) }]);
    assert.deepEqual(results.map(({ key, etag }) => [key, etag]), [["a.txt", "0123abcd"], ["b.bin", "0123abcd"]]);
    assert.deepEqual(server.puts.map(({ key, body }) => [key, body]).sort(), [["a.txt", "This is a.txt."], ["b.bin", "bytes"]]);
  });

  test("is done without an ETag where the page may not see it", async t => {
    const server = await serve(t, { onPut: () => ({ status: 200 }) });
    const [result] = await send(server, files(1));
    assert.deepEqual([result.status, result.key, result.etag, "etag" in result], ["done", "0.txt", undefined, true]);
  });

  test("has every header that was granted, of which the script sets all but content-length", async t => {
    const granted = { "content-length": "14", "content-type": "text/plain", "if-none-match": "*", "x-amz-meta-album": "summer", "cache-control": "no-store" };
    const server = await serve(t, { onGrant: (_, __, grant) => ({ ...grant, headers: granted }) });
    opened.length = 0;
    await send(server, [file("a.txt")]);
    assert.equal(opened.length, 1);
    const { "content-length": length, ...others } = granted;
    assert.deepEqual(Object.fromEntries(opened[0].headers), others);
    const { headers } = server.puts[0];
    for (const [name, value] of Object.entries(granted)) assert.equal(headers[name], value, name);
  });

  test("gets nothing of what the endpoint gets", async t => {
    const server = await serve(t);
    opened.length = 0;
    await send(server, files(1), { headers: { authorization: "Bearer t" }, metadata: { album: "summer" }, credentials: "include" });
    assert.deepEqual(opened[0].headers.map(([name]) => name).sort(), ["content-type", "if-none-match"]);
    assert.equal(opened[0].url.includes("?"), false, "the URL is the one that was granted");
  });
});

describe("files are sent at the same time", () => {
  for (const [what, options, expected] of [
    ["six unless told otherwise", {}, 6],
    ["one, if that is what is told", { concurrency: 1 }, 1],
    ["three, if that is what is told", { concurrency: 3 }, 3],
    ["all, if there is no end to it", { concurrency: Number.MAX_SAFE_INTEGER }, 9],
  ]) {
    test(what, async t => {
      let [now, most] = [0, 0];
      const held = gate();
      const server = await serve(t, {
        onPut: async () => {
          most = Math.max(most, ++now);
          await held.opened;
          now -= 1;
        },
      });
      const task = send(server, files(9), options);
      await until(() => now === expected, `${expected} at once`);
      await awhile();
      held.open();
      assert.deepEqual(statuses(await task), Array(9).fill("done"));
      assert.equal(most, expected);
    });
  }

  test("and the next one begins as soon as one has ended", async t => {
    const held = gate();
    const server = await serve(t, { onPut: ({ key }) => (key === "0.txt" ? held.opened.then(() => undefined) : undefined) });
    const task = send(server, files(10), { concurrency: 2 });
    await until(() => task.events.filter(({ type }) => type === "end").length === 9, "all but the first");
    held.open();
    assert.deepEqual(statuses(await task), Array(10).fill("done"));
  });
});

describe("the store's refusal", () => {
  for (const status of [400, 403]) {
    test(`by ${status} may mean that the URL has expired: the file is signed again once, and then it is final`, async t => {
      const server = await serve(t, { onPut: ({ key }) => (key.startsWith("1.txt") ? { status, body: "<Error/>" } : undefined) });
      const results = await send(server, files(3));
      assert.deepEqual(statuses(results), ["done", "failed", "done"]);
      const { error } = results[1];
      assert.deepEqual([error.code, error.status, error.retryable], ["store_refused", status, false]);
      assert.match(error.message, new RegExp(status));
      assert.deepEqual(keys(server.puts).filter(key => key.startsWith("1.txt")), ["1.txt", "1.txt (2)"]);
    });

    test(`by ${status} of a URL that had expired is made good by another`, async t => {
      const server = await serve(t, { onPut: (_, number) => (number === 1 ? { status } : undefined) });
      assert.deepEqual(statuses(await send(server, files(1))), ["done"]);
    });
  }

  test("that is of another kind is not tried again", async t => {
    const server = await serve(t, { onPut: ({ key }) => (key === "1.txt" ? { status: 404, body: "<Error/>" } : undefined) });
    assert.deepEqual(statuses(await send(server, files(3))), ["done", "failed", "done"]);
    assert.equal(server.puts.length, 3);
  });

  test("of bytes that changed on their way is made good by sending them again", async t => {
    const spoilt = { status: 400, body: "<Error><Code>BadDigest</Code></Error>" };
    const server = await serve(t, { onPut: (_, number) => (number < 3 ? spoilt : undefined) });
    assert.deepEqual(statuses(await send(server, files(1))), ["done"]);
    assert.deepEqual(keys(server.puts), Array(3).fill("0.txt"));
  });

  for (const status of [408, 429, 500, 503]) {
    test(`by ${status} is tried again, with the same grant`, async t => {
      const server = await serve(t, { onPut: (_, number) => (number < 3 ? { status } : undefined) });
      const task = send(server, files(1));
      assert.deepEqual(statuses(await task), ["done"]);
      assert.deepEqual(keys(server.puts), ["0.txt", "0.txt", "0.txt"]);
      assert.equal(server.asked.length, 1);
      const retries = task.events.filter(({ type }) => type === "retry");
      assert.deepEqual(retries.map(({ attempt, error }) => [attempt, error.status, error.retryable]), [[1, status, true], [2, status, true]]);
    });
  }

  test("is what is left when all attempts have failed", async t => {
    const server = await serve(t, { onPut: () => ({ status: 503 }) });
    const [{ status, error }] = await send(server, files(1), { retry: { ...QUICK, attempts: 3 } });
    assert.deepEqual([status, error.code, error.status, error.retryable], ["failed", "store_refused", 503, true]);
    assert.equal(server.puts.length, 3);
  });
});

describe("no answer", () => {
  test("is tried again", async t => {
    const server = await serve(t, { onPut: (_, number) => (number === 1 ? BREAK : undefined) });
    const task = send(server, files(1));
    assert.deepEqual(statuses(await task), ["done"]);
    const { error } = task.events.find(({ type }) => type === "retry");
    assert.deepEqual([error.code, error.status, error.retryable], ["network", undefined, true]);
  });

  test("to the last attempt is `network`", async t => {
    const server = await serve(t, { onPut: () => BREAK });
    const [{ error }] = await send(server, files(1), { retry: { attempts: 1 } });
    assert.deepEqual([error.code, error.retryable], ["network", true]);
  });

  test("because the file cannot be read says so, and is not tried again", async t => {
    // A folder, or a file that was deleted since it was chosen, is like this: it has a size, but no bytes can be had.
    class Unreadable extends File {
      slice() {
        return { arrayBuffer: () => Promise.reject(new DOMException("not found", "NotFoundError")) };
      }
    }
    const server = await serve(t, { onPut: () => BREAK });
    const [{ error }] = await send(server, [new Unreadable(["gone"], "gone.txt")]);
    assert.deepEqual([error.code, error.retryable], ["file_unreadable", false]);
    assert.equal(server.puts.length, 1);
  });

  test("to what did arrive: the key is taken then, so the file goes under another", async t => {
    const server = await serve(t, { onPut: ({ key }, number) => (number === 1 ? BREAK : key === "0.txt" ? { status: 412 } : undefined) });
    const [result] = await send(server, files(1));
    assert.deepEqual([result.status, result.key], ["done", "0.txt (2)"]);
    assert.deepEqual(keys(server.puts), ["0.txt", "0.txt", "0.txt (2)"]);
    assert.deepEqual(server.puts.map(({ body }) => body), Array(3).fill("This is 0.txt."));
  });

  test("to what did arrive, where the server makes no other key, is the store's refusal", async t => {
    const server = await serve(t, {
      onGrant: (file, _, grant) => ({ ...grant, key: file.name, url: grant.url.replace(/[^/]*$/, file.name) }),
      onPut: (_, number) => (number === 1 ? BREAK : { status: 412 }),
    });
    const [{ status, error }] = await send(server, files(1));
    assert.deepEqual([status, error.code, error.status, error.retryable], ["failed", "store_refused", 412, false]);
    assert.equal(server.puts.length, 2, "the same key is not tried a third time");
  });
});

test("a key that is taken at the first attempt is the store's refusal", async t => {
  const server = await serve(t, { onPut: () => ({ status: 412 }) });
  const [{ error }] = await send(server, files(1));
  assert.deepEqual([error.code, error.status, error.retryable], ["store_refused", 412, false]);
  assert.match(error.message, /already/);
  assert.deepEqual([server.asked.length, server.puts.length], [1, 1]);
});

test("an upload granted by a method that this browser cannot send fails alone", async t => {
  const server = await serve(t, { onGrant: ({ name }, _, grant) => (name === "1.txt" ? { ...grant, url: "http://" } : grant) });
  assert.deepEqual(statuses(await send(server, files(3))), ["done", "failed", "done"]);
});
