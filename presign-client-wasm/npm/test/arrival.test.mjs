// What was sent is completed: the server looks whether it is there, and says what it found.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { arrival } from "./support/arrival.mjs";
import { BREAK, json, problem, serve } from "./support/server.mjs";
import { file, files, QUICK, send, statuses } from "./support/uploading.mjs";
import { awhile, gate, until } from "./support/waiting.mjs";
import { opened } from "./support/xhr.mjs";
import { upload } from "presign-client";

async function started(t, options = {}, more = {}) {
  const arrived = arrival(options);
  return Object.assign(await serve(t, { ...more, arrival: arrived }), { arrived });
}

const error = (code, message = "No.") => ({ error: { code, message } });
const types = task => task.events.map(({ type }) => type).filter(type => type !== "progress");

describe("a file", () => {
  test("is done when the server has found it, and its result is what the server says", async t => {
    const server = await started(t);
    const given = file("a.txt");
    const [result] = await send(server, [given]);
    assert.deepEqual(result, {
      index: 0, name: "a.txt", size: given.size, file: given, status: "done", key: "final/a.txt", etag: "of the store", type: "text/plain",
      checksum: undefined, receipt: "receipt of a.txt", data: { row: "a.txt" },
    });
    assert.deepEqual(server.arrived.asked, [[{ token: "token1" }]]);
  });

  test("has not ended before it is found", async t => {
    const held = gate();
    const server = await started(t, { on: { complete: () => held.opened.then(() => undefined) } });
    const task = send(server, [file("a.txt")]);
    await until(() => server.arrived.asked.length === 1, "the question");
    await awhile();
    const { progress } = task.events.findLast(({ type }) => type === "progress");
    assert.deepEqual([progress.files.done, types(task)], [0, ["start"]]);
    held.open();
    assert.deepEqual(statuses(await task), ["done"]);
    assert.equal(task.events.at(-1).progress.files.done, 1);
  });

  test("whose server does not verify is done when the store has it", async t => {
    const server = await serve(t);
    const [{ status, key, etag, receipt, type, data }] = await send(server, files(1));
    assert.deepEqual([status, key, etag, receipt, type, data], ["done", "0.txt", "0123abcd", undefined, undefined, undefined]);
  });

  test("is sent again where the store has lost it, but not for ever", async t => {
    const server = await started(t, { on: { upload: (name, _, { key }) => (name === "b.txt" || key === name ? error("object_missing") : undefined) } });
    const task = send(server, [file("a.txt"), file("b.txt")], { concurrency: 1 });
    const [a, b] = await task;
    assert.deepEqual([a.status, a.key, b.status, b.error.code], ["done", "final/a.txt (2)", "failed", "object_missing"]);
    assert.deepEqual(server.puts.map(({ key }) => key).sort(), ["a.txt", "a.txt (2)", "b.txt", "b.txt (2)", "b.txt (3)"]);
    assert.deepEqual(types(task).filter(type => type === "restart").length, 3);
  });

  test("that is another than was granted fails at once, with no other sent", async t => {
    const server = await started(t, { on: { upload: () => error("object_mismatch") } });
    const [result] = await send(server, files(1));
    assert.deepEqual([result.error.code, server.puts.length], ["object_mismatch", 1]);
  });

  test("the application's own hook refuses fails as it says, and no other's success is hidden", async t => {
    const server = await started(t, { on: { upload: name => (name === "1.txt" ? error("forbidden", "Not you.") : undefined) } });
    const results = await send(server, files(3));
    assert.deepEqual(statuses(results), ["done", "failed", "done"]);
    assert.equal(results[1].error.message, "Not you.");
  });

  for (const [what, answer] of Object.entries({
    "a lost answer": BREAK,
    "503": problem(503, "internal", "Later."),
    "a refusal of one that passes": json(200, { results: [error("store_failed")] }),
  })) {
    test(`is asked for again after ${what}, and not sent again`, async t => {
      const server = await started(t, { on: { complete: (_, time) => (time === 1 ? answer : undefined) } });
      const task = send(server, files(1));
      assert.deepEqual(statuses(await task), ["done"]);
      assert.deepEqual([server.puts.length, server.arrived.asked.length, types(task)], [1, 2, ["start", "retry", "end"]]);
    });
  }

  test("of which the answer has no result fails, and says so", async t => {
    for (const answer of [json(200, { results: [] }), json(200, {}), json(200, { results: [{ size: 5 }] })]) {
      const server = await started(t, { on: { complete: () => answer } });
      const [{ error }] = await send(server, files(1));
      assert.equal(error.code, "unexpected_answer");
    }
  });

  test("that is cancelled when it was sent is given up at the server", async t => {
    const server = await started(t, { on: { complete: () => new Promise(() => {}) } });
    const task = send(server, files(2));
    await until(() => server.arrived.asked.length === 1, "the question");
    task.cancel(0);
    await until(() => server.arrived.given.length === 1, "the upload to be given up");
    assert.deepEqual(server.arrived.given, ["token1"]);
    task.cancel();
    assert.deepEqual(statuses(await task), ["cancelled", "cancelled"]);
  });

  test("that is paused when it was sent is completed once it goes on, and is not sent again", async t => {
    const { opened, open } = gate();
    const server = await started(t, {}, { onPut: ({ key }) => (key === "1.txt" ? opened.then(() => undefined) : undefined) });
    const task = send(server, files(2));
    await until(() => server.arrived.uploads.get("token1")?.there && server.puts.length === 2, "the files");
    await awhile();
    task.pause(0);
    open();
    await until(() => server.arrived.asked.length === 1, "the other's completion");
    assert.deepEqual(server.arrived.asked, [[{ token: "token2" }]]);
    task.resume(0);
    assert.deepEqual(statuses(await task), ["done", "done"]);
    assert.equal(server.puts.length, 2);
  });

  test("has no token in anything that is told", async t => {
    const server = await started(t, { on: { upload: () => error("object_missing") } });
    const task = send(server, files(2));
    assert.deepEqual(statuses(await task), ["failed", "failed"]);
    assert.doesNotMatch(JSON.stringify(task.events), /token\d/);
  });
});

describe("many files", () => {
  test("are completed by few requests", async t => {
    const server = await started(t);
    const results = await send(server, files(200));
    assert.ok(results.every(({ status, name, receipt }) => status === "done" && receipt === `receipt of ${name}`));
    const requests = server.asked.length + server.arrived.asked.length;
    assert.ok(requests <= 8, `${requests} requests`);
    const tokens = server.arrived.asked.flat().map(({ token }) => token);
    assert.equal(new Set(tokens).size, tokens.length);
  });

  test("do not wait for one that takes long", async t => {
    const { opened, open } = gate();
    const server = await started(t, {}, { onPut: ({ key }) => (key === "2.txt" ? opened.then(() => undefined) : undefined) });
    const task = send(server, files(3));
    await until(() => task.events.filter(({ type }) => type === "end").length === 2, "the ends of the others");
    assert.equal(server.arrived.asked[0].length, 2);
    open();
    assert.deepEqual(statuses(await task), ["done", "done", "done"]);
  });

  test("are completed by more requests where the server takes fewer at once", async t => {
    const server = await started(t, { most: 6 });
    const results = await send(server, files(20));
    assert.ok(results.every(({ status }) => status === "done"));
    assert.ok(Math.max(...server.arrived.asked.map(({ length }) => length)) > 6);
  });
});

describe("a form", () => {
  /** What the store got of the only file. */
  async function form(t, options, more) {
    const server = await started(t, options, { forms: true });
    const given = file("a.txt");
    const [result] = await send(server, [given], more);
    assert.deepEqual([result.status, result.receipt], ["done", "receipt of a.txt"]);
    const [{ fields, body }] = server.puts;
    assert.deepEqual([server.puts.length, body], [1, await given.text()]);
    return { server, fields };
  }

  test("has the fields as they were granted, and the file after them", async t => {
    const { fields } = await form(t);
    const names = fields.map(([name]) => name);
    assert.deepEqual(names, ["x-amz-signature", "key", "Content-Type", "file"]);
    assert.deepEqual(fields.slice(0, 3).map(([, value]) => value), ["signed", "a.txt", "text/plain"]);
  });

  test("has the MD5 of its file told at its completion, where the server asks for it", async t => {
    const { server } = await form(t, { checksums: { md5AtComplete: true } });
    const contentMd5 = createHash("md5").update("This is a.txt.").digest("base64");
    assert.deepEqual(server.arrived.asked, [[{ token: "token1", contentMd5 }]]);
  });

  for (const [how, listen] of Object.entries({ onProgress: () => ({ onProgress() {} }), onEvent: () => ({ onEvent() {} }), "for await": () => ({}), nobody: () => ({}) })) {
    test(`is sent by ${how === "nobody" ? "fetch, which needs no preflight, where nobody listens" : `XMLHttpRequest where ${how} listens`}`, async t => {
      const server = await started(t, {}, { forms: true });
      opened.length = 0;
      const task = upload(files(2), { endpoint: server.endpoint, retry: QUICK, ...listen() });
      if (how === "for await") for await (const event of task) assert.ok(event);
      assert.deepEqual(statuses(await task), ["done", "done"]);
      assert.deepEqual([opened.length, server.puts.length], [how === "nobody" ? 0 : 2, 2]);
      assert.equal((await task)[0].etag, "of the store");
    });
  }

  test("that nobody listens to is cancelled and tried again like any other", async t => {
    const server = await started(t, {}, { forms: true, onPut: (_, number) => (number === 1 ? BREAK : number === 2 ? new Promise(() => {}) : undefined) });
    const task = upload(files(1), { endpoint: server.endpoint, retry: QUICK });
    await until(() => server.puts.length === 2, "the second attempt");
    task.cancel();
    assert.deepEqual(statuses(await task), ["cancelled"]);
    await until(() => server.arrived.given.length === 1, "the upload to be given up");
  });

  test("that the store refuses is tried again, and fails as the store says", async t => {
    const server = await started(t, {}, { forms: true, onPut: (_, number) => (number === 1 ? { status: 503 } : { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" }) });
    const [{ error }] = await send(server, files(1));
    assert.deepEqual([error.code, error.status, error.storeCode, server.puts.length], ["store_refused", 403, "AccessDenied", 3]);
  });
});
