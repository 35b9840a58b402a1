// upload() where the page, the server or the clock makes it hard.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arrange } from "../harness/arrange.mjs";
import { upload } from "../harness/client.mjs";
import { can } from "../harness/engine.mjs";

const QUICK = { attempts: 3, minDelay: 1, maxDelay: 5 };
const file = (name, size = 100) => ({ name, seed: name.length, size, type: "text/plain" });

/** Answers the first PUT of the file like this, as the store would. */
async function refuseOnce(page, name, status, code) {
  let refused = false;
  await page.route(url => url.pathname.endsWith(name), route => {
    if (refused || route.request().method() !== "PUT") return route.continue();
    refused = true;
    return route.fulfill({
      status,
      headers: { "access-control-allow-origin": "*" },
      body: `<Error><Code>${code}</Code><Message>Not &quot;now&quot; &amp; not &#39;here&#x27;.</Message><RequestId>4711</RequestId></Error>`,
    });
  });
}

describe("upload()", () => {
  const demo = arrange();

  test("hears the store in a page that enforces Trusted Types", async t => {
    const page = await demo.open(t);
    await page.evaluate(() => {
      const policy = Object.assign(document.createElement("meta"), { httpEquiv: "content-security-policy", content: "require-trusted-types-for 'script'" });
      document.head.append(policy);
    });
    await refuseOnce(page, "busy.txt", 503, "SlowDown");
    const { results, events } = await upload(page, [file("busy.txt")], { retry: QUICK });
    assert.equal(results[0].status, "done");
    const { error } = events.find(({ type }) => type === "retry");
    assert.deepEqual([error.status, error.storeCode, error.requestId], [503, "SlowDown", "4711"]);
    assert.equal(error.message, `The store refused the file: Not "now" & not 'here' (503 SlowDown).`);
    page.watched.isQuiet({ failedAnswers: true });
  });

  const inWorker = "hears the store in a worker";
  test(can.errorRequestIds ? inWorker : `${inWorker}; this store does not say which request it was`, async t => {
    const page = await demo.open(t, "/", { bypassCSP: true });
    const worker = `
      import { upload } from "ORIGIN/presign-client/index.js";
      const open = XMLHttpRequest.prototype.open;
      const files = ["good.txt", "spoilt.txt"].map(name => new File([name], name));
      XMLHttpRequest.prototype.open = function (method, url) {
        open.call(this, method, url.replace("spoilt.txt?", "another.txt?"));
      };
      const results = await upload(files, { endpoint: "ORIGIN/presignedUrl" });
      postMessage(results.map(({ status, error }) => ({ status, error })));`;
    const results = await page.evaluate(worker => {
      const url = URL.createObjectURL(new Blob([worker.replaceAll("ORIGIN", location.origin)], { type: "text/javascript" }));
      return new Promise((resolve, reject) => {
        const started = new Worker(url, { type: "module" });
        started.onmessage = ({ data }) => resolve(data);
        started.onerror = ({ message }) => reject(new Error(message));
      });
    }, worker);
    assert.deepEqual(results.map(({ status }) => status), ["done", "failed"]);
    const { status, storeCode, requestId } = results[1].error;
    assert.deepEqual([status, storeCode], [403, can.signatureErrors ? "SignatureDoesNotMatch" : "AccessDenied"]);
    if (can.errorRequestIds) assert.match(requestId, /\S/);
    else assert.equal(requestId, undefined);
  });

  test("tries again where an earlier attempt at the key is not over yet", async t => {
    const page = await demo.open(t);
    await refuseOnce(page, "conflict.txt", 409, "ConditionalRequestConflict");
    const { results } = await upload(page, [file("conflict.txt")], { retry: QUICK });
    assert.equal(results[0].status, "done");
  });

  test("shows nothing of a grant that cannot be used", async t => {
    const page = await demo.open(t);
    await page.route("**/presignedUrl", async route => {
      const response = await route.fetch();
      const { grants } = await response.json();
      grants[0].headers["x-amz-meta-note"] = "se\ncret";
      return route.fulfill({ response, json: { grants } });
    });
    const { results } = await upload(page, [file("unusable.txt")]);
    assert.equal(results[0].error.code, "unexpected_answer");
    assert.doesNotMatch(JSON.stringify(results[0].error), /cret|https?:/);
  });

  test("one file whose metadata is too large for a request hides none of the others", async t => {
    const page = await demo.open(t);
    const outcomes = await page.evaluate(async () => {
      const { upload } = await import("/presign-client/index.js");
      const files = Array.from({ length: 5 }, (_, index) => new File(["x"], `${index}.txt`));
      const metadata = (_, index) => (index === 3 ? { note: "x".repeat(2_000_000) } : {});
      return (await upload(files, { metadata })).map(({ status, error }) => error?.code ?? status);
    });
    assert.deepEqual(outcomes, ["done", "done", "done", "body_too_large", "done"]);
  });

  test("one file whose metadata has half a character hides none of the others", async t => {
    const page = await demo.open(t);
    const outcomes = await page.evaluate(async () => {
      const { upload } = await import("/presign-client/index.js");
      const files = [new File(["a"], "a.txt"), new File(["b"], "b.txt")];
      const metadata = (_, index) => (index === 1 ? { note: "\u{1f600}".slice(0, 1) } : {});
      return (await upload(files, { metadata })).map(({ status, error }) => error?.code ?? status);
    });
    assert.deepEqual(outcomes, ["done", "metadata_not_allowed"]);
  });

  test("takes no metadata but texts", async t => {
    const page = await demo.open(t);
    const thrown = await page.evaluate(async () => {
      const { upload } = await import("/presign-client/index.js");
      const endless = {};
      endless.endless = endless;
      return [1, 1n, null, endless].map(note => {
        try {
          upload([new File(["a"], "a.txt")], { metadata: { note } }).cancel();
          return "nothing";
        } catch (error) {
          return String(error);
        }
      });
    });
    for (const error of thrown) assert.equal(error, "TypeError: upload(): metadata.note at index 0 is no text");
    page.watched.isQuiet();
  });

  test("comes to its end where a grant goes stale at the moment that it is taken", async t => {
    const page = await demo.open(t);
    const status = await page.evaluate(async () => {
      const { upload } = await import("/presign-client/index.js");
      const { fetch } = globalThis;
      globalThis.fetch = async (...request) => {
        const answer = await (await fetch(...request)).json();
        for (const grant of answer.grants ?? []) grant.expiresIn = 1;
        return Response.json(answer);
      };
      // Each look at the clock takes almost as long as the grant is good for.
      let now = Date.now();
      Date.now = () => (now += 400);
      const [result] = await Promise.race([upload([new File(["a"], "a.txt")]), new Promise(resolve => setTimeout(resolve, 5000, [{ status: "stuck" }]))]);
      return result.status;
    });
    assert.equal(status, "done");
  });

  test("tells no more than 20 times a second how far a file is, sent again too", async t => {
    const page = await demo.open(t);
    // What the XMLHttpRequest below sends never gets to the store.
    const object = { key: "again.bin", size: 1000, type: "text/plain", etag: "none", receipt: "none" };
    await page.route("**/presignedUrl/complete", route => route.fulfill({ json: { results: [object] } }));
    const told = await page.evaluate(async () => {
      const { upload } = await import("/presign-client/index.js");
      let attempts = 0;
      globalThis.XMLHttpRequest = class {
        upload = {};
        open() {}
        setRequestHeader() {}
        getAllResponseHeaders() { return ""; }
        abort() {}
        async send() {
          for (let loaded = 1; loaded <= 1000; loaded += 1) this.upload.onprogress({ loaded });
          this.status = ++attempts === 1 ? 503 : 200;
          this.responseText = "";
          this.onloadend();
        }
      };
      const told = [];
      const options = { retry: { minDelay: 0, maxDelay: 0 }, onEvent: ({ type, file }) => type === "progress" && told.push(file.loaded) };
      const began = performance.now();
      const [{ status }] = await upload([new File([new Uint8Array(1000)], "again.bin")], options);
      return { status, attempts, told, most: 3 + (performance.now() - began) / 50 };
    });
    assert.deepEqual([told.status, told.attempts, told.told.at(-1)], ["done", 2, 1000]);
    assert.ok(told.told.length <= told.most, `${told.told.length} times`);
  });
});
