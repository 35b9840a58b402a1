// Large files: in parts, paused, resumed, and gone on with after the page was closed.
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { forgetAll, locks, stores } from "./support/browser.mjs";
import { multipart } from "./support/multipart.mjs";
import { BREAK, json, problem, serve } from "./support/server.mjs";
import { send, statuses } from "./support/uploading.mjs";
import { awhile, gate, until } from "./support/waiting.mjs";
import { pendingUploads } from "presign-client";

beforeEach(forgetAll);

/** Bytes that differ from part to part, and from `seed` to `seed`. */
const large = (name, size, seed = "") => new File([Array.from({ length: size }, (_, index) => String.fromCharCode(97 + ((index + seed.length) % 26))).join("")], name);
const numberOf = ({ key }) => Number(key.split("/")[1]);
const types = task => task.events.map(({ type }) => type).filter(type => type !== "progress");
const pending = server => pendingUploads({ endpoint: server.endpoint });

async function started(t, options = {}, more = {}) {
  const parts = multipart(options);
  return Object.assign(await serve(t, { ...more, parts }), { parts });
}

/** The upload of `given` is broken off after some parts, as if the page were closed; what the store has is left. */
async function brokenOff(t, given, options = {}) {
  const server = await started(t, options.parts, {
    onPut: put => (server.broken && numberOf(put) > (options.after ?? 2) ? { status: 403 } : undefined),
  });
  server.broken = true;
  assert.deepEqual(statuses(await send(server, [given], { concurrency: 1, ...options.send })), ["failed"]);
  server.broken = false;
  await until(() => locks.size === 0, "the lock to be released");
  server.puts.length = 0;
  return server;
}

function neverBack(task) {
  let before = 0;
  for (const { type, progress } of task.events) {
    if (type !== "progress") continue;
    assert.ok(progress.loaded >= before && progress.loaded <= progress.total, `${before} ${progress.loaded} ${progress.total}`);
    before = progress.loaded;
  }
}

describe("a file in parts", () => {
  test("is sent whole, each part once, with URLs that are asked for a window at a time", async t => {
    const server = await started(t);
    const given = large("a.bin", 95);
    const task = send(server, [given], { concurrency: 2 });
    const [{ status, key, etag }] = await task;
    assert.deepEqual([status, key, etag], ["done", "a.bin", "whole"]);
    assert.equal(server.parts.objects.get("a.bin"), await given.text());
    assert.deepEqual(server.puts.map(numberOf).sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.deepEqual(server.parts.calls.parts.map(({ from }) => from), [4, 7, 10]);
    assert.equal(server.parts.calls.complete.length, 1);
    assert.deepEqual(await pending(server), []);
    neverBack(task);
    await until(() => locks.size === 0, "the lock to be released");
  });

  test("is completed while the parts of another are still on their way, even of one that began earlier", async t => {
    const { opened, open } = gate();
    const server = await started(t, {}, { onPut: ({ key }) => (key.startsWith("token1/") ? opened.then(() => undefined) : undefined) });
    const task = send(server, [large("a.bin", 50), large("b.bin", 20)], { concurrency: 2 });
    await until(() => server.puts.length === 2, "a part of each");
    task.pause(0);
    await until(() => server.puts.some(({ key }) => key === "token2/2"), "the other file's last part");
    task.resume(0);
    await until(() => server.parts.objects.has("b.bin"), "the other file's completion");
    assert.equal(server.parts.objects.has("a.bin"), false);
    open();
    assert.deepEqual(statuses(await task), ["done", "done"]);
  });

  test("and those beside it are completed by one request", async t => {
    let requests = 0;
    const server = await started(t);
    const { ask } = server.parts;
    server.parts.ask = (what, body) => ask(what, body, (requests += Number(what === "complete")));
    assert.deepEqual(statuses(await send(server, [large("a.bin", 20), large("b.bin", 25), large("c.bin", 9)])), ["done", "done", "done"]);
    assert.deepEqual([requests, server.parts.calls.complete.length], [1, 3]);
  });

  test("has one part sent again where that one failed, and no other", async t => {
    let failed = 0;
    const server = await started(t, {}, { onPut: put => (numberOf(put) === 2 && failed++ < 2 ? [{ status: 503 }, BREAK][failed - 1] : undefined) });
    const task = send(server, [large("a.bin", 50)]);
    assert.deepEqual(statuses(await task), ["done"]);
    assert.deepEqual(server.puts.map(numberOf).sort(), [1, 2, 2, 2, 3, 4, 5]);
    assert.deepEqual(task.events.filter(({ type }) => type === "retry").map(({ part, attempt }) => [part, attempt]), [[2, 1], [2, 2]]);
    neverBack(task);
  });

  test("gets another URL where the store refuses one", async t => {
    const refused = new Set();
    const server = await started(t, {}, { onPut: put => (numberOf(put) === 1 && refused.size < 1 && refused.add(put.search) ? { status: 403 } : undefined) });
    assert.deepEqual(statuses(await send(server, [large("a.bin", 30)])), ["done"]);
    const ofFirst = server.puts.filter(put => numberOf(put) === 1).map(({ search }) => search);
    assert.equal(new Set(ofFirst).size, 2);
  });

  test("whose part the store refuses twice fails, and stays pending", async t => {
    const server = await started(t, {}, { onPut: put => (numberOf(put) === 2 ? { status: 403 } : undefined) });
    const [{ error }] = await send(server, [large("a.bin", 30)]);
    assert.deepEqual([error.code, error.status], ["store_refused", 403]);
    assert.equal(server.parts.calls.abort.length, 0);
    assert.deepEqual((await pending(server)).map(({ name }) => name), ["a.bin"]);
  });

  test("whose part is refused with 412 again and again fails, and does not wait for a grant that nobody gives", async t => {
    const server = await started(t, {}, { onPut: (_, number) => ({ status: number === 1 ? 503 : 412 }) });
    const [{ error }] = await send(server, [large("a.bin", 10)]);
    assert.equal(error.status, 412);
  });

  test("has the parts sent again that the store lacks at the end, but not for ever", async t => {
    let lost = 1;
    const server = await started(t, {
      on: {
        complete: (_, upload) => {
          if (lost-- > 0) upload.parts.delete(3);
        },
      },
    });
    assert.deepEqual(statuses(await send(server, [large("a.bin", 50)])), ["done"]);
    assert.deepEqual(server.puts.map(numberOf).sort(), [1, 2, 3, 3, 4, 5]);
    lost = Infinity;
    const [{ error }] = await send(server, [large("b.bin", 50)]);
    assert.equal(error.code, "parts_missing");
  });

  test("is begun anew where its upload is lost, but not for ever", async t => {
    let lost = 1;
    const server = await started(t, {}, {
      onPut: put => {
        if (numberOf(put) === 3 && lost-- > 0) server.parts.uploads.clear();
      },
    });
    const given = large("a.bin", 50);
    const task = send(server, [given], { concurrency: 1 });
    assert.deepEqual(statuses(await task), ["done"]);
    assert.deepEqual(types(task), ["start", "restart", "end"]);
    assert.equal(server.parts.objects.get("a.bin"), await given.text());
    assert.deepEqual(await pending(server), []);
    neverBack(task);
    lost = Infinity;
    const [{ error }] = await send(server, [large("b.bin", 50)], { concurrency: 1 });
    assert.equal(error.storeCode, "NoSuchUpload");
    assert.deepEqual(await pending(server), []);
  });

  test("is begun anew where Complete finds nothing, and where no further URLs are to be had", async t => {
    const server = await started(t, { on: { complete: (_, __, time) => (time === 1 ? json(200, { results: [{ error: { code: "upload_gone", message: "No." } }] }) : undefined) } });
    const task = send(server, [large("a.bin", 20)]);
    assert.deepEqual(statuses(await task), ["done"]);
    assert.deepEqual(types(task), ["start", "restart", "end"]);
    const other = await started(t, { on: { parts: (_, __, time) => (time === 1 ? problem(410, "token_expired", "Too late.") : undefined) } });
    const second = send(other, [large("b.bin", 90)], { concurrency: 1 });
    assert.deepEqual(statuses(await second), ["done"]);
    assert.equal(second.events.find(({ type }) => type === "restart").error.code, "token_expired");
  });

  test("has no token and no URL in anything that is told", async t => {
    const server = await started(t, {}, { onPut: (_, number) => ({ status: number < 4 ? 503 : 403 }) });
    const task = send(server, [large("a.bin", 30)]);
    assert.deepEqual(statuses(await task), ["failed"]);
    assert.doesNotMatch(JSON.stringify(task.events), /token\d|signature/);
    assert.doesNotMatch(JSON.stringify(await pending(server)), /token\d|signature/);
  });
});

describe("cancel()", () => {
  test("gives the upload up at the store and forgets it", async t => {
    const held = gate();
    t.after(held.open);
    const server = await started(t, {}, { onPut: put => (numberOf(put) > 2 ? held.opened.then(() => undefined) : undefined) });
    const task = send(server, [large("a.bin", 50)]);
    await until(() => server.puts.length === 5, "the parts");
    task.cancel();
    assert.deepEqual(statuses(await task), ["cancelled"]);
    await until(() => server.puts.filter(({ cut }) => cut).length === 3, "the connections to be cut");
    await until(() => server.parts.calls.abort.length === 1, "the upload to be given up");
    await until(() => locks.size === 0, "the lock to be released");
    assert.deepEqual(await pending(server), []);
    assert.equal(server.parts.uploads.size, 0);
  });

  test("of what the endpoint is just granting gives that up too", async t => {
    const held = gate();
    const server = await started(t, {}, { onAsk: () => held.opened.then(() => undefined) });
    const task = send(server, [large("a.bin", 50)]);
    await until(() => server.asked.length === 1, "the question");
    task.cancel();
    assert.deepEqual(statuses(await task), ["cancelled"]);
    held.open();
    await until(() => server.parts.calls.abort.length === 1, "the upload to be given up");
    await until(() => locks.size === 0, "the lock to be released");
    assert.deepEqual(await pending(server), []);
  });

  test("where the endpoint cannot be reached leaves it pending; discard() says why it cannot be given up", async t => {
    let refuse = true;
    const server = await started(t, { on: { abort: () => (refuse ? problem(401, "unauthenticated", "Who are you?") : undefined) } }, { onPut: () => new Promise(() => {}) });
    const task = send(server, [large("a.bin", 50)]);
    await until(() => server.puts.length === 5, "the parts");
    task.cancel();
    await task;
    await until(() => server.parts.calls.abort.length === 1 && locks.size === 0, "the attempt to give it up");
    const [left] = await pending(server);
    await assert.rejects(left.discard(), { code: "unauthenticated" });
    refuse = false;
    await left.discard();
    assert.deepEqual(await pending(server), []);
  });

  test("keeps the upload from being gone on with until it is given up", async t => {
    const held = gate();
    const server = await started(t, { on: { abort: () => held.opened.then(() => undefined) } }, { onPut: put => (server.hold && numberOf(put) > 2 ? new Promise(() => {}) : undefined) });
    server.hold = true;
    const given = large("a.bin", 50);
    const task = send(server, [given]);
    await until(() => server.puts.length === 5, "the parts");
    task.cancel();
    await task;
    server.hold = false;
    const again = send(server, [given]);
    assert.deepEqual(statuses(await again), ["done"]);
    assert.deepEqual(types(again), ["start", "end"]);
    held.open();
    await until(() => locks.size === 0, "the lock to be released");
    assert.deepEqual(await pending(server), []);
  });
});

describe("pause()", () => {
  test("breaks off what is on its way, keeps what the store has, and resume() sends the rest", async t => {
    const held = gate();
    const server = await started(t, {}, { onPut: put => (server.hold && numberOf(put) > 2 ? new Promise(() => {}) : undefined) });
    server.hold = true;
    const given = large("a.bin", 95);
    const task = send(server, [given], { concurrency: 2 });
    await until(() => server.puts.length === 4 && server.parts.uploads.get("token1").parts.size === 2, "four parts");
    task.pause();
    await until(() => server.puts.filter(({ cut }) => cut).length === 2, "the connections to be cut");
    await awhile();
    assert.equal(server.puts.length, 4);
    server.hold = false;
    task.resume();
    assert.deepEqual(statuses(await task), ["done"]);
    held.open();
    const sent = server.puts.map(numberOf).sort((a, b) => a - b);
    assert.deepEqual(sent, [1, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9, 10]);
    assert.equal(server.parts.objects.get("a.bin"), await given.text());
    assert.deepEqual(types(task), ["start", "end"]);
    neverBack(task);
  });

  for (const [what, when] of Object.entries({ grants: "asked", parts: "parts", complete: "complete" })) {
    test(`while ${what} are asked for does no harm`, async t => {
      const held = gate();
      let held1 = false;
      const once = () => (held1 ? undefined : ((held1 = true), held.opened.then(() => undefined)));
      const server = await started(t, { on: when === "asked" ? {} : { [when]: once } }, when === "asked" ? { onAsk: once } : {});
      const task = send(server, [large("a.bin", 95)], { concurrency: 2 });
      await until(() => held1, what);
      task.pause();
      await awhile();
      task.resume();
      task.pause();
      task.resume();
      held.open();
      // What Complete did while nobody listened is not undone: this server does not know the upload any more, presign-layer would.
      const [{ status }] = await task;
      assert.equal(status, "done");
    });
  }

  test("while a file is compared with what was sent earlier does not make it begin anew", async t => {
    const given = large("a.bin", 95);
    const server = await brokenOff(t, given);
    const slow = new File([given], given.name);
    const held = gate();
    let reading = 0;
    slow.slice = (from, to) => {
      const slice = File.prototype.slice.call(slow, from, to);
      if (reading++ > 0) return slice;
      return { stream: () => new ReadableStream({ type: "bytes", pull: () => new Promise(() => {}) }) };
    };
    const task = send(server, [slow]);
    await until(() => reading === 1, "the comparison");
    task.pause();
    await awhile();
    task.resume();
    assert.deepEqual(statuses(await task), ["done"]);
    held.open();
    assert.deepEqual(types(task), ["resume", "start", "end"]);
    assert.deepEqual(server.puts.map(numberOf).sort((a, b) => a - b), [3, 4, 5, 6, 7, 8, 9, 10]);
    assert.equal(task.events.find(({ type }) => type === "resume").loaded, 20);
    neverBack(task);
    assert.deepEqual(await pending(server), []);
  });
});

describe("what was begun earlier", () => {
  test("goes on, and only what the store lacks is sent", async t => {
    const given = large("a.bin", 95);
    const server = await brokenOff(t, given);
    assert.deepEqual((await pending(server)).map(({ name, size, loaded }) => [name, size, loaded]), [["a.bin", 95, 20]]);
    const task = send(server, [given]);
    assert.deepEqual(statuses(await task), ["done"]);
    assert.deepEqual(task.events.find(({ type }) => type === "resume"), { type: "resume", index: 0, loaded: 20 });
    assert.deepEqual(server.puts.map(numberOf).sort((a, b) => a - b), [3, 4, 5, 6, 7, 8, 9, 10]);
    assert.equal(server.parts.objects.get("a.bin"), await given.text());
    assert.deepEqual(await pending(server), []);
    neverBack(task);
  });

  test("is not mixed with another file of the same name and size, and stays", async t => {
    const given = large("a.bin", 95);
    const server = await brokenOff(t, given);
    const other = large("a.bin", 95, "other");
    const task = send(server, [other]);
    assert.deepEqual(statuses(await task), ["done"]);
    assert.deepEqual(types(task), ["restart", "start", "end"]);
    assert.equal(task.events.find(({ type }) => type === "restart").error.code, "different_file");
    assert.equal(server.parts.objects.get("a.bin"), await other.text());
    assert.equal((await pending(server)).length, 1);
    neverBack(task);
  });

  test("is not mixed with a file that differs in the last part that was sent", async t => {
    const given = large("a.bin", 95);
    const server = await brokenOff(t, given);
    const other = new File([given.slice(0, 19), "!", given.slice(20)], given.name);
    const task = send(server, [other]);
    assert.deepEqual(statuses(await task), ["done"]);
    assert.equal(server.parts.objects.get("a.bin"), await other.text());
    // The ten bytes that are the same count once.
    assert.equal(task.events.find(({ type }) => type === "end").progress.loaded, 95);
    neverBack(task);
  });

  test("of a part whose sum was not remembered is sent again", async t => {
    const given = large("a.bin", 95);
    const server = await brokenOff(t, given);
    stores.get("parts").clear();
    assert.deepEqual(statuses(await send(server, [large("a.bin", 95, "other")])), ["done"]);
    assert.equal(server.puts.length, 10);
  });

  test("is the one of several that has the same bytes, and counts no more than it has", async t => {
    const first = large("a.bin", 95);
    const second = new File([first.slice(0, 45), "!", first.slice(46)], first.name);
    const server = await brokenOff(t, first, { after: 5 });
    server.broken = true;
    // The other one differs in part 5.
    await send(server, [second], { concurrency: 1, resume: true });
    server.broken = false;
    assert.equal((await pending(server)).length, 2);
    const task = send(server, [second]);
    assert.deepEqual(statuses(await task), ["done"]);
    assert.equal(task.events.find(({ type }) => type === "resume").loaded, 50);
    assert.equal(server.parts.objects.get("a.bin"), await second.text());
  });

  test("begins anew where it is gone, and is forgotten", async t => {
    const given = large("a.bin", 95);
    const server = await brokenOff(t, given);
    server.parts.uploads.clear();
    const task = send(server, [given]);
    assert.deepEqual(statuses(await task), ["done"]);
    assert.deepEqual(types(task), ["restart", "start", "end"]);
    assert.deepEqual(await pending(server), []);
  });

  test("begins anew where the server does not say how far it is", async t => {
    const given = large("a.bin", 95);
    const server = await brokenOff(t, given, { parts: { on: { resume: () => problem(404, "not_found", "There is no such endpoint.") } } });
    const task = send(server, [given]);
    assert.deepEqual(statuses(await task), ["done"]);
    assert.deepEqual(types(task), ["restart", "start", "end"]);
  });

  test("is not gone on with for other metadata", async t => {
    const given = large("a.bin", 95);
    const server = await brokenOff(t, given, { send: { metadata: { album: "one" } } });
    assert.deepEqual(await sent(server, given, { metadata: { album: "two" } }), ["start", "end"]);
    assert.deepEqual(await sent(server, given, { metadata: { album: "one" } }), ["resume", "start", "end"]);
  });

  test("is not remembered where the page does not want it", async t => {
    const server = await started(t, {}, { onPut: () => ({ status: 403 }) });
    assert.deepEqual(statuses(await send(server, [large("a.bin", 95)], { resume: false })), ["failed"]);
    await until(() => server.parts.calls.abort.length === 1, "the upload to be given up");
    assert.deepEqual(await pending(server), []);
  });

  test("and is meant by the caller is compared, whatever the file's name", async t => {
    const given = large("a.bin", 95);
    const server = await brokenOff(t, given);
    const [upload] = await pending(server);
    const results = await upload.resume(new File([given], "renamed.bin"));
    assert.deepEqual(statuses(results), ["done"]);
    assert.equal(server.puts.length, 8);
  });
});

/** What is told of an upload that arrives. */
async function sent(server, given, options) {
  const task = send(server, [given], options);
  assert.deepEqual(statuses(await task), ["done"]);
  return types(task);
}
