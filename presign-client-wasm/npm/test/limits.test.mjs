// limits(), against an HTTP server.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { limits, PresignError } from "presign-client";
import { json, problem } from "./support/server.mjs";

/** Serves one answer, and notes how it was asked for. */
async function serve(t, { status, headers, body }) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push({ method: request.method, url: request.url, headers: request.headers });
    response.writeHead(status, headers).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, origin: `http://127.0.0.1:${server.address().port}` };
}

const allowed = { minSize: 0, maxSize: 1000, types: ["image/*", "text/plain"], maxFiles: 100, metadata: ["album"], expiresIn: 900 };

/** What the promise is rejected with; it has to be a PresignError. */
async function rejected(promise) {
  const error = await promise.then(value => assert.fail(`it gave ${JSON.stringify(value)}`), error => error);
  assert.ok(error instanceof PresignError, String(error));
  return error;
}

describe("limits()", () => {
  test("are what the endpoint says", async t => {
    const { asked, origin } = await serve(t, json(200, allowed));
    assert.deepEqual(await limits({ endpoint: `${origin}/presignedUrl`, headers: async () => ({ authorization: "Bearer t" }) }), allowed);
    const [{ method, url, headers }] = asked;
    assert.deepEqual([method, url, headers.accept, headers.authorization], ["GET", "/presignedUrl/limits", "application/json", "Bearer t"]);
    assert.equal(headers["content-type"], undefined);
  });

  test("have no list of types where any may be", async t => {
    const { types, ...others } = allowed;
    const { origin } = await serve(t, json(200, others));
    assert.equal((await limits({ endpoint: origin })).types, undefined);
  });

  for (const [endpoint, expected] of [["/up", "/up/limits"], ["/up/", "/up/limits"], ["/up?tenant=a/b", "/up/limits?tenant=a/b"], ["", "/limits"]]) {
    test(`of an endpoint at "${endpoint}" are at "${expected}"`, async t => {
      const { asked, origin } = await serve(t, json(200, allowed));
      await limits({ endpoint: `${origin}${endpoint}` });
      assert.equal(asked[0].url, expected);
    });
  }
});

describe("limits() is rejected with a PresignError", () => {
  test("where the endpoint refuses", async t => {
    const { origin } = await serve(t, problem(401, "unauthenticated", "Sign in to upload."));
    const error = await rejected(limits({ endpoint: origin }));
    assert.deepEqual([error.code, error.status, error.message, error.retryable], ["unauthenticated", 401, "Sign in to upload.", false]);
  });

  test("where another server answers for it", async t => {
    const { asked, origin } = await serve(t, { status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad gateway</h1>" });
    const error = await rejected(limits({ endpoint: origin }));
    assert.deepEqual([error.code, error.status, error.retryable], ["endpoint_failed", 502, true]);
    assert.match(error.message, /502/);
    assert.equal(asked.length, 1, "it does not try again by itself");
  });

  for (const [what, answer] of [
    ["a page", { status: 200, headers: { "content-type": "text/html" }, body: "<h1>Welcome</h1>" }],
    ["nothing", { status: 200 }],
    ["JSON of something else", json(200, ["a"])],
    ["null", json(200, null)],
  ]) {
    test(`where the answer is ${what}`, async t => {
      const { origin } = await serve(t, answer);
      const error = await rejected(limits({ endpoint: origin }));
      assert.deepEqual([error.code, error.retryable], ["unexpected_answer", false]);
    });
  }

  test("where nobody answers", async () => {
    // A port that was just given back is one that nobody listens at.
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address();
    await new Promise(resolve => server.close(resolve));
    const error = await rejected(limits({ endpoint: `http://127.0.0.1:${port}` }));
    assert.deepEqual([error.code, error.status, error.retryable], ["network", undefined, true]);
  });

  test("where the headers cannot be had", async () => {
    const error = await rejected(limits({ endpoint: "http://127.0.0.1:1", headers: () => Promise.reject(new Error("signed out")) }));
    assert.deepEqual([error.code, error.retryable], ["headers_failed", false]);
    assert.match(error.message, /signed out/);
  });
});
