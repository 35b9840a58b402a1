// What the endpoint is asked, and what is made of its answers.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BREAK, json, problem, serve } from "./support/server.mjs";
import { file, files, QUICK, send, statuses } from "./support/uploading.mjs";
import { awhile, gate, until } from "./support/waiting.mjs";

const names = asked => asked.map(({ files }) => files.map(({ name }) => name));
const numbered = (from, to) => Array.from({ length: to - from }, (_, index) => `${from + index}.txt`);

describe("a request for grants", () => {
  test("describes each file, and says that it speaks JSON", async t => {
    const server = await serve(t);
    const blob = new Blob(["four"], { type: "image/png" });
    await send(server, [file("a.txt"), { name: "ünïcödé 文.png", blob }, new File([], "no type")]);
    assert.equal(server.asked.length, 1);
    const [{ files, headers }] = server.asked;
    assert.deepEqual(files.map(({ name, size, type }) => ({ name, size, type })), [
      { name: "a.txt", size: 14, type: "text/plain" },
      { name: "ünïcödé 文.png", size: 4, type: "image/png" },
      { name: "no type", size: 0, type: "" },
    ]);
    assert.equal(headers.accept, "application/json");
    assert.match(headers["content-type"], /^application\/json\b/);
  });

  test("takes headers as an object", async t => {
    const server = await serve(t);
    await send(server, files(1), { headers: { authorization: "Bearer one", "x-tenant": "t" } });
    const { headers } = server.asked[0];
    assert.deepEqual([headers.authorization, headers["x-tenant"]], ["Bearer one", "t"]);
    assert.equal(server.puts[0].headers.authorization, undefined, "the store gets none of them");
  });

  test("asks a function for its headers each time", async t => {
    const server = await serve(t, { onAsk: (_, number) => (number === 1 ? { status: 503 } : undefined) });
    let token = 0;
    await send(server, files(1), { headers: async () => ({ authorization: `Bearer ${++token}` }) });
    assert.deepEqual(server.asked.map(({ headers }) => headers.authorization), ["Bearer 1", "Bearer 2"]);
  });

  for (const [what, headers, says] of [
    ["that throws", () => { throw new Error("no session"); }, /no session/],
    ["that is rejected", async () => { throw new Error("no session"); }, /no session/],
    ["that gives what is none", () => ({ authorization: "a token\n" + "and more" }), /not one that a header can have/],
  ]) {
    test(`fails each file where its headers come from a function ${what}`, async t => {
      const server = await serve(t);
      const results = await send(server, files(2), { headers });
      assert.deepEqual(results.map(({ error }) => [error.code, error.retryable]), [["headers_failed", false], ["headers_failed", false]]);
      assert.match(results[0].error.message, says);
      assert.doesNotMatch(results[0].error.message, /a token/);
      assert.equal(server.asked.length, 0);
    });
  }

  test("sends cookies as it is told", async t => {
    const { fetch } = globalThis;
    t.after(() => (globalThis.fetch = fetch));
    const seen = [];
    globalThis.fetch = (url, init) => {
      if (init.method === "POST") seen.push(init.credentials);
      return fetch(url, init);
    };
    const server = await serve(t);
    await send(server, files(1));
    await send(server, files(1), { credentials: "include" });
    assert.deepEqual(seen, ["same-origin", "include"]);
  });

  test("carries metadata, the same for all or each file's own", async t => {
    const server = await serve(t);
    const asked = [];
    const own = (source, index) => {
      asked.push(source);
      return { title: source.name, place: String(index) };
    };
    const given = files(2);
    await send(server, given, { metadata: { album: "summer" } });
    await send(server, given, { metadata: own });
    const metadata = server.asked.map(({ files }) => files.map(({ metadata }) => metadata));
    assert.deepEqual(metadata, [
      [{ album: "summer" }, { album: "summer" }],
      [{ title: "0.txt", place: "0" }, { title: "1.txt", place: "1" }],
    ]);
    assert.ok(asked.every((source, index) => source === given[index]), "the function gets what was given");
  });
});

describe("many files", () => {
  test("are asked for a hundred at a time, in their order", async t => {
    const server = await serve(t);
    const results = await send(server, files(250));
    assert.deepEqual(names(server.asked), [numbered(0, 100), numbered(100, 200), numbered(200, 250)]);
    assert.deepEqual(statuses(results), Array(250).fill("done"));
    assert.deepEqual(server.puts.map(({ key }) => key).sort(), numbered(0, 250).sort());
  });

  test("are not all asked for before they are wanted: grants would go stale", async t => {
    const { opened, open } = gate();
    const server = await serve(t, { onPut: () => opened.then(() => undefined) });
    const task = send(server, files(250));
    await until(() => server.puts.length === 6, "six uploads");
    await awhile();
    assert.equal(server.asked.length, 1);
    open();
    await task;
  });

  test("are asked for fewer at a time where the server says that they are too many", async t => {
    const most = 30;
    const tooMany = problem(400, "too_many_files", `At most ${most} files.`);
    const server = await serve(t, { onAsk: files => (files.length > most ? { ...tooMany } : undefined) });
    const results = await send(server, files(120), { retry: { attempts: 1 } });
    assert.deepEqual(statuses(results), Array(120).fill("done"));
    const sizes = server.asked.map(({ files }) => files.length);
    assert.deepEqual(sizes.slice(0, 3), [100, 50, 25]);
    assert.ok(sizes.slice(2).every(size => size <= 25), sizes.join());
    assert.equal(server.puts.length, 120, "none is sent twice");
  });

  test("fail where the server takes not even one", async t => {
    const server = await serve(t, { onAsk: () => problem(400, "too_many_files", "At most 0 files.") });
    const results = await send(server, files(3));
    assert.deepEqual(results.map(({ error }) => error.code), Array(3).fill("too_many_files"));
  });
});

describe("a refusal", () => {
  test("of one file is that file's, and hides no other", async t => {
    const error = { code: "file_too_large", message: "14 bytes are too many.", maxSize: 10 };
    const server = await serve(t, { onGrant: ({ name }) => (name === "1.txt" ? { error } : undefined) });
    const results = await send(server, files(3));
    assert.deepEqual(statuses(results), ["done", "failed", "done"]);
    const { code, message, retryable, status } = results[1].error;
    assert.deepEqual({ code, message, retryable, status }, { code: error.code, message: error.message, retryable: false, status: undefined });
  });

  test("that a newer server may have is handed on", async t => {
    const server = await serve(t, { onGrant: () => ({ error: { code: "quota_exceeded", message: "Your space is used up." } }) });
    const [{ error }] = await send(server, files(1));
    assert.deepEqual([error.code, error.message], ["quota_exceeded", "Your space is used up."]);
  });

  test("of the whole request fails every file, and is not tried again where that is of no use", async t => {
    const server = await serve(t, { onAsk: () => problem(401, "unauthenticated", "Sign in to upload.") });
    const results = await send(server, files(3));
    for (const { status, error } of results) {
      assert.equal(status, "failed");
      assert.deepEqual([error.code, error.message, error.status, error.retryable], ["unauthenticated", "Sign in to upload.", 401, false]);
    }
    assert.equal(server.asked.length, 1);
    assert.equal(server.puts.length, 0);
  });

  test("that is none of presign-layer's is `endpoint_failed`", async t => {
    const server = await serve(t, { onAsk: () => ({ status: 403, headers: { "content-type": "text/html" }, body: "<h1>Forbidden</h1>" }) });
    const [{ error }] = await send(server, files(1));
    assert.deepEqual([error.code, error.status, error.retryable], ["endpoint_failed", 403, false]);
    assert.match(error.message, /\b403\b/);
  });
});

describe("an answer that cannot be used", () => {
  const grant = { method: "put", url: "http://127.0.0.1/", headers: {}, key: "a", expiresIn: 900 };
  for (const [what, answer] of [
    ["no JSON", { status: 200, body: "<h1>Welcome</h1>" }],
    ["JSON without grants", json(200, null)],
    ["too few grants", json(200, { grants: [] })],
    ["grants that are no list", json(200, { grants: "all of them" })],
    ["a grant that is none", json(200, { grants: [null] })],
    ["another method", json(200, { grants: [{ ...grant, method: "multipart" }] })],
    ["a grant without a URL", json(200, { grants: [{ ...grant, url: undefined }] })],
    ["a grant without a key", json(200, { grants: [{ ...grant, key: undefined }] })],
    ["a grant without headers", json(200, { grants: [{ ...grant, headers: undefined }] })],
    ["a grant without a lifetime", json(200, { grants: [{ ...grant, expiresIn: "soon" }] })],
    ["a URL that is none", json(200, { grants: [{ ...grant, url: "nowhere" }] })],
    ["a header that is none", json(200, { grants: [{ ...grant, headers: { "a b": "c" } }] })],
  ]) {
    test(`such as ${what} fails the file and says why`, async t => {
      const server = await serve(t, { onAsk: () => answer });
      const [{ status, error }] = await send(server, files(1));
      assert.deepEqual([status, error.code, error.retryable], ["failed", "unexpected_answer", false]);
      assert.match(error.message, /^The server\b/);
      assert.equal(server.asked.length, 1);
    });
  }
});

describe("a request that may succeed later", () => {
  test("is made again after a 503, and the files that wait for it are told", async t => {
    const server = await serve(t, { onAsk: (_, number) => (number < 3 ? problem(503, "credentials_unavailable", "Try again later.") : undefined) });
    const task = send(server, files(2));
    assert.deepEqual(statuses(await task), ["done", "done"]);
    assert.equal(server.asked.length, 3);
    const retries = task.events.filter(({ type }) => type === "retry");
    assert.deepEqual(retries.map(({ index, attempt, error }) => [index, attempt, error.code, error.status]), [
      [0, 1, "credentials_unavailable", 503],
      [1, 1, "credentials_unavailable", 503],
      [0, 2, "credentials_unavailable", 503],
      [1, 2, "credentials_unavailable", 503],
    ]);
  });

  test("is made again after a broken connection", async t => {
    const server = await serve(t, { onAsk: (_, number) => (number === 1 ? BREAK : undefined) });
    assert.deepEqual(statuses(await send(server, files(1))), ["done"]);
  });

  test("is made five times unless told otherwise", async t => {
    const server = await serve(t, { onAsk: () => ({ status: 502 }) });
    const [{ error }] = await send(server, files(1));
    assert.deepEqual([error.code, error.status, error.retryable], ["endpoint_failed", 502, true]);
    assert.equal(server.asked.length, 5);
  });

  for (const [attempts, made] of [[1, 1], [2, 2], [Number.MAX_SAFE_INTEGER, 8]]) {
    test(`is made ${attempts} times at most where that is what is told`, async t => {
      const server = await serve(t, { onAsk: (_, number) => (number < 8 ? { status: 500 } : undefined) });
      const [{ status }] = await send(server, files(1), { retry: { ...QUICK, attempts } });
      assert.deepEqual([server.asked.length, status], [made, made === 8 ? "done" : "failed"]);
    });
  }

  for (const [what, value, least, most] of [
    ["seconds", () => "1", 990, 1000],
    // A date has no fractions of a second, so three seconds on can be little more than two.
    ["a date", () => new Date(Date.now() + 3000).toUTCString(), 1500, 3000],
  ]) {
    test(`waits as long as Retry-After says in ${what}`, async t => {
      const server = await serve(t, { onAsk: (_, number) => (number === 1 ? { status: 503, headers: { "retry-after": value() } } : undefined) });
      const task = send(server, files(1));
      assert.deepEqual(statuses(await task), ["done"]);
      const [first, second] = server.asked.map(({ at }) => at);
      assert.ok(second - first > least, `${second - first} ms`);
      const { delay } = task.events.find(({ type }) => type === "retry");
      assert.ok(delay > least && delay <= most, `${delay} ms are announced`);
    });
  }

  test("is not waited for where the server asks for an hour: that is the user's to decide", async t => {
    const server = await serve(t, { onAsk: () => ({ status: 503, headers: { "retry-after": "3600" } }) });
    const [{ error }] = await send(server, files(1));
    assert.deepEqual([error.status, error.retryable], [503, true]);
    assert.equal(server.asked.length, 1);
  });
});

describe("a grant that has gone stale", () => {
  test("behind a slow file is asked for again before it is used", async t => {
    const { opened, open } = gate();
    const server = await serve(t, {
      onGrant: (_, __, grant) => ({ ...grant, expiresIn: 2 }),
      onPut: ({ key }) => (key === "0.txt" ? opened.then(() => undefined) : undefined),
    });
    const task = send(server, files(2), { concurrency: 1 });
    await until(() => server.puts.length === 1, "the first upload");
    setTimeout(open, 1300);
    const results = await task;
    assert.deepEqual(results.map(({ key }) => key), ["0.txt", "1.txt (2)"]);
    assert.deepEqual(names(server.asked), [["0.txt", "1.txt"], ["1.txt"]]);
    assert.deepEqual(server.puts.map(({ key }) => key), ["0.txt", "1.txt (2)"]);
  });

  test("is used where it is given for no time at all, not asked for without end", async t => {
    const server = await serve(t, { onGrant: (_, __, grant) => ({ ...grant, expiresIn: 0 }) });
    assert.deepEqual(statuses(await send(server, files(1))), ["done"]);
    assert.equal(server.asked.length, 1);
  });
});
