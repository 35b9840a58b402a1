// Ending an upload before its end.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { serve } from "./support/server.mjs";
import { files, send, statuses } from "./support/uploading.mjs";
import { gate, until } from "./support/waiting.mjs";

const cancelled = count => Array(count).fill("cancelled");

/** A store that answers only when the test ends. */
async function slow(t) {
  const { opened, open } = gate();
  t.after(open);
  return serve(t, { onPut: () => opened.then(() => undefined) });
}

describe("a signal", () => {
  test("that has aborted before: nothing is asked for, nothing sent", async t => {
    const server = await serve(t);
    const task = send(server, files(3), { signal: AbortSignal.abort() });
    assert.deepEqual(statuses(await task), cancelled(3));
    assert.deepEqual(task.events.map(({ type }) => type), ["end", "end", "end"]);
    assert.deepEqual([server.asked.length, server.puts.length], [0, 0]);
  });

  test("that aborts right after the call", async t => {
    const server = await serve(t);
    const controller = new AbortController();
    const task = send(server, files(3), { signal: controller.signal });
    controller.abort();
    assert.deepEqual(statuses(await task), cancelled(3));
    assert.deepEqual([server.asked.length, server.puts.length], [0, 0]);
  });

  test("that aborts while the endpoint is asked: nothing is sent", async t => {
    const { opened, open } = gate();
    t.after(open);
    const server = await serve(t, { onAsk: () => opened.then(() => undefined) });
    const controller = new AbortController();
    const task = send(server, files(3), { signal: controller.signal });
    await until(() => server.asked.length === 1, "the question");
    controller.abort();
    assert.deepEqual(statuses(await task), cancelled(3));
    assert.equal(server.puts.length, 0);
  });

  test("that aborts while files are sent: their connections are cut, the rest never begins", async t => {
    const server = await slow(t);
    const controller = new AbortController();
    const task = send(server, files(5), { signal: controller.signal, concurrency: 2 });
    await until(() => server.puts.filter(({ body }) => body).length === 2, "two uploads");
    controller.abort();
    assert.deepEqual(statuses(await task), cancelled(5));
    await until(() => server.puts.every(({ cut }) => cut), "the connections to be cut");
    assert.equal(server.puts.length, 2);
  });

  test("that aborts while a retry is waited for does not let it come", async t => {
    const server = await serve(t, { onPut: () => ({ status: 503 }) });
    const controller = new AbortController();
    const hour = 3_600_000;
    const task = send(server, files(1), { signal: controller.signal, retry: { minDelay: hour, maxDelay: hour } });
    await until(() => task.events.some(({ type }) => type === "retry"), "the retry");
    controller.abort();
    assert.deepEqual(statuses(await task), cancelled(1));
    assert.equal(server.puts.length, 1);
  });

  test("that aborts after the end changes nothing, and is let go of", async t => {
    const server = await serve(t);
    const controller = new AbortController();
    const { signal } = controller;
    const listening = new Set();
    t.mock.method(signal, "addEventListener", (_, listener) => listening.add(listener));
    t.mock.method(signal, "removeEventListener", (_, listener) => listening.delete(listener));
    const results = await send(server, files(1), { signal });
    controller.abort();
    assert.deepEqual(statuses(results), ["done"]);
    assert.equal(listening.size, 0);
  });
});

describe("cancel()", () => {
  test("without an index cancels all", async t => {
    const server = await slow(t);
    const task = send(server, files(4), { concurrency: 2 });
    await until(() => server.puts.length === 2, "two uploads");
    task.cancel();
    assert.deepEqual(statuses(await task), cancelled(4));
  });

  test("right after the call, of one file: it is not even asked for", async t => {
    const server = await serve(t);
    const task = send(server, files(3));
    task.cancel(1);
    assert.deepEqual(statuses(await task), ["done", "cancelled", "done"]);
    assert.deepEqual(server.asked.map(({ files }) => files.map(({ name }) => name)), [["0.txt", "2.txt"]]);
  });

  test("of a file that waits for its turn ends it at once, and it never begins", async t => {
    const held = gate();
    const server = await serve(t, { onPut: () => held.opened.then(() => undefined) });
    const task = send(server, files(3), { concurrency: 1 });
    await until(() => server.puts.length === 1, "the first upload");
    task.cancel(1);
    await until(() => task.events.some(({ type, index }) => type === "end" && index === 1), "its end");
    held.open();
    assert.deepEqual(statuses(await task), ["done", "cancelled", "done"]);
    assert.deepEqual(server.puts.map(({ key }) => key), ["0.txt", "2.txt"]);
    assert.equal(task.events.some(({ type, index }) => type === "start" && index === 1), false);
  });

  test("of a file that is being sent makes room for the next", async t => {
    const { opened, open } = gate();
    t.after(open);
    const server = await serve(t, { onPut: ({ key }) => (key === "0.txt" ? opened.then(() => undefined) : undefined) });
    const task = send(server, files(3), { concurrency: 1 });
    await until(() => server.puts.length === 1, "the first upload");
    task.cancel(0);
    assert.deepEqual(statuses(await task), ["cancelled", "done", "done"]);
    await until(() => server.puts[0].cut, "the connection to be cut");
  });

  test("from within an event", async t => {
    const server = await slow(t);
    const task = send(server, files(3), { onEvent: ({ type }) => type === "start" && task.cancel() });
    assert.deepEqual(statuses(await task), cancelled(3));
  });

  test("of what has ended, of what is not there, and twice, does nothing", async t => {
    const held = gate();
    const server = await serve(t, { onPut: ({ key }) => (key === "1.txt" ? held.opened.then(() => undefined) : undefined) });
    const task = send(server, files(2));
    await until(() => task.events.some(({ type }) => type === "end"), "the end of the first");
    for (const index of [0, 0, 2, -1]) task.cancel(index);
    held.open();
    const results = await task;
    assert.deepEqual(statuses(results), ["done", "done"]);
    task.cancel();
    assert.deepEqual(statuses(await task), ["done", "done"]);
  });

  test("counts as behind: the fraction ends at 1 all the same", async t => {
    const server = await serve(t);
    const task = send(server, files(4));
    task.cancel(0);
    await task;
    const { fraction, files: counts } = task.events.at(-1).progress;
    assert.deepEqual([fraction, counts], [1, { done: 3, failed: 0, cancelled: 1, total: 4 }]);
  });
});
