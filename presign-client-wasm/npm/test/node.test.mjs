// The package in Node: importing it is harmless, as applications that are rendered on a server need; calling it says what is missing.
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { limits, PresignError, upload } from "presign-client";
import { packageFolder, scripts } from "./support/folders.mjs";
import { node } from "./support/run.mjs";

const exported = ["PresignError", "limits", "pendingUploads", "upload"];

/** What the script prints last; it has to end by itself, and well. */
async function script(name, ...args) {
  const { code, signal, stdout, stderr } = await node([join(scripts, name), ...args], packageFolder);
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, stderr);
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

for (const entry of ["presign-client", "presign-client/web"]) {
  describe(`"${entry}"`, () => {
    test("is imported without touching anything, and leaves nothing to wait for", async () => {
      assert.deepEqual(await script("import.mjs", entry), { exported, touched: [], left: [] });
    });

    test("can be required where this Node can require modules, and is refused by name where not", async () => {
      const expected = process.features.require_module ? { exported } : { code: "ERR_REQUIRE_ESM" };
      assert.deepEqual(await script("require.mjs", entry), expected);
    });
  });
}

test("the watch on what an import touches does see things", async () => {
  const { touched, left } = await script("import.mjs", pathToFileURL(join(scripts, "upload.mjs")).href);
  for (const sign of ["compileStreaming", "Blob", "globalThis.fetch"]) assert.ok(touched.includes(sign), touched.join());
  assert.deepEqual(left, []);
});

describe("upload() in Node", () => {
  test("fails each file as `unsupported`, says why, and the process ends by itself", async () => {
    const results = await script("upload.mjs");
    assert.deepEqual(results.map(({ name, status, error }) => [name, status, error.code, error.retryable]), [
      ["a.txt", "failed", "unsupported", false],
      ["b.txt", "failed", "unsupported", false],
    ]);
    assert.match(results[0].error.message, /browser.*XMLHttpRequest/);
  });

  test("fails each file as `unsupported` where the engine cannot be started, and tries again at the next call", async t => {
    const broken = t.mock.method(WebAssembly, "compileStreaming", async () => {
      throw new Error("forbidden by the page's policy");
    });
    const events = [];
    const results = await upload([new File(["a"], "a.txt"), { name: "b.txt", blob: new Blob(["bb"]) }], { onEvent: event => events.push(event) });
    assert.deepEqual(results.map(({ index, name, size, status, error }) => [index, name, size, status, error.code]), [
      [0, "a.txt", 1, "failed", "unsupported"],
      [1, "b.txt", 2, "failed", "unsupported"],
    ]);
    assert.match(results[0].error.message, /engine.*forbidden by the page's policy/);
    assert.deepEqual(events.map(({ type, progress }) => [type, progress.fraction, progress.files.failed]), [["end", 0.5, 1], ["end", 1, 2]]);

    broken.mock.restore();
    const aborted = await upload([new File(["a"], "a.txt")], { signal: AbortSignal.abort() });
    assert.equal(aborted[0].status, "cancelled", "the engine is there");
  });

  test("of no files is an empty list, and asks nobody", async t => {
    const fetch = t.mock.method(globalThis, "fetch");
    assert.deepEqual(await upload([]), []);
    assert.deepEqual(await upload(new Set(), { endpoint: "nowhere" }), []);
    const events = [];
    for await (const event of upload([])) events.push(event);
    assert.deepEqual(events, []);
    assert.equal(fetch.mock.callCount(), 0);
  });
});

describe("wrong arguments are thrown at once, and the message says what was wrong and what is expected:", () => {
  const file = new File(["a"], "a.txt");
  const cases = [
    ["a string", () => upload("a.txt"), TypeError, /FileList.*iterate.*got a\.txt/],
    ["null, as `files` of an input of another type", () => upload(null), TypeError, /FileList.*got null/],
    ["nothing", () => upload(), TypeError, /FileList.*got undefined/],
    ["a file alone", () => upload(file), TypeError, /\[file\].*got File/],
    ["an object", () => upload({}), TypeError, /FileList.*got Object/],
    ["an object without a prototype", () => upload(Object.create(null)), TypeError, /FileList.*got an object/],
    ["a list of names", () => upload([file, "b.txt"]), TypeError, /index 1 .*File.*\{ name, blob \}.*b\.txt/],
    ["a hole in the list", () => upload([null]), TypeError, /index 0 .*null/],
    ["a blob without a name", () => upload([new Blob()]), TypeError, /index 0 .*\{ name, blob \}.*Blob/],
    ["bytes that are no blob", () => upload([{ name: "a", blob: "text" }]), TypeError, /index 0 /],
    ["a name that is none", () => upload([{ name: 5, blob: file }]), TypeError, /index 0 /],
    ["a concurrency of 0", () => upload([file], { concurrency: 0 }), RangeError, /concurrency is 0.*1 or more/],
    ["half a file at a time", () => upload([file], { concurrency: 1.5 }), RangeError, /concurrency is 1\.5.*whole number/],
    ["a concurrency that is no number", () => upload([file], { concurrency: NaN }), RangeError, /concurrency is NaN/],
    ["no attempt at all", () => upload([file], { retry: { attempts: 0 } }), RangeError, /retry\.attempts is 0.*1 or more/],
    ["endless attempts", () => upload([file], { retry: { attempts: Infinity } }), RangeError, /retry\.attempts is Infinity/],
    ["a wait before it began", () => upload([file], { retry: { minDelay: -1 } }), RangeError, /retry\.minDelay is -1.*0 or more/],
    ["a longest wait that is none", () => upload([file], { retry: { maxDelay: "1s" } }), RangeError, /retry\.maxDelay is 1s/],
    ["a controller for a signal", () => upload([file], { signal: new AbortController() }), TypeError, /signal.*AbortSignal.*\.signal/],
    ["an error of the metadata's function", () => upload([file], { metadata: () => { throw new RangeError("no title"); } }), RangeError, /^no title$/],
  ];
  for (const [what, call, kind, message] of cases) {
    test(what, t => {
      const fetch = t.mock.method(globalThis, "fetch");
      assert.throws(call, error => error.constructor === kind && message.test(error.message));
      assert.equal(fetch.mock.callCount(), 0);
    });
  }
});

test("a PresignError has a name, a stack, and nothing that an UploadError has not", async () => {
  const error = await limits({ endpoint: "nowhere" }).catch(error => error);
  assert.ok(error instanceof PresignError && error instanceof Error);
  assert.equal(String(error), `PresignError: ${error.message}`);
  assert.match(error.stack, /^PresignError: /);
  assert.deepEqual(Object.keys(error).sort(), ["code", "name", "requestId", "retryable", "status", "storeCode"]);
});
