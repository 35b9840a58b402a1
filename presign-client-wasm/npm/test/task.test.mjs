// What upload() gives: results, events, and peace from the application's own errors.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { serve } from "./support/server.mjs";
import { file, files, send, statuses } from "./support/uploading.mjs";
import { gate, until } from "./support/waiting.mjs";

async function collected(task) {
  const events = [];
  for await (const event of task) events.push(event);
  return events;
}

describe("the results", () => {
  test("are in the order given, whatever the order of the ends", async t => {
    const given = files(6);
    // Each file waits for the one after it.
    const gates = given.map(gate);
    gates.at(-1).open();
    const server = await serve(t, {
      onPut: async ({ key }) => {
        const index = Number.parseInt(key, 10);
        await gates[index].opened;
        gates[index - 1]?.open();
      },
    });
    const task = send(server, given);
    const results = await task;
    assert.deepEqual(results.map(({ index, name, size, key }) => [index, name, size, key]), given.map(({ name, size }, index) => [index, name, size, name]));
    assert.ok(results.every(({ file }, index) => file === given[index]), "each has the very thing that was given");
    const ends = task.events.filter(({ type }) => type === "end");
    assert.deepEqual(ends.map(({ index }) => index), [5, 4, 3, 2, 1, 0]);
    assert.ok(ends.every(({ index, result }) => result === results[index] || result.file === given[index]));
  });

  test("are those of the selection as it was: what is done to the list meanwhile is of no matter", async t => {
    const server = await serve(t);
    const given = files(2);
    const task = send(server, given);
    given.length = 0;
    assert.deepEqual((await task).map(({ name }) => name), ["0.txt", "1.txt"]);
  });

  test("are plain: they can be cloned, errors too", async t => {
    const server = await serve(t, { onPut: ({ key }) => (key.startsWith("0.txt") ? { status: 403 } : undefined) });
    const results = await send(server, files(2));
    const plain = results.map(({ file, ...result }) => result);
    assert.deepEqual(structuredClone(plain), plain);
    assert.deepEqual(Object.keys(plain[0].error).sort(), ["code", "message", "requestId", "retryable", "status", "storeCode"]);
  });

  test("of two files of one name are two", async t => {
    const server = await serve(t);
    const results = await send(server, [file("twin.txt"), file("twin.txt")]);
    assert.equal(new Set(results.map(({ key }) => key)).size, 2);
  });

  test("of anything that can be iterated", async t => {
    const server = await serve(t);
    function* generated() {
      yield* files(2);
    }
    assert.deepEqual(statuses(await send(server, generated())), ["done", "done"]);
    assert.deepEqual(statuses(await send(server, new Set(files(3)))), ["done", "done", "done"]);
  });
});

describe("the events", () => {
  test("of each file begin with its start, go on with its progress, and end with its end", async t => {
    const server = await serve(t);
    const task = send(server, files(3));
    const results = await task;
    for (const { index, size, ...result } of results) {
      const own = task.events.filter(event => event.index === index);
      assert.equal(own[0].type, "start");
      assert.equal(own.at(-1).type, "end");
      const progress = own.slice(1, -1);
      assert.ok(progress.length > 0 && progress.every(({ type }) => type === "progress"));
      const { file } = progress.at(-1);
      assert.deepEqual([file.index, file.loaded, file.total, file.fraction], [index, size, size, 1]);
      assert.equal(own.at(-1).result.key, result.key);
    }
    const last = task.events.at(-1).progress;
    assert.deepEqual(last.files, { done: 3, failed: 0, cancelled: 0, total: 3 });
    assert.deepEqual([last.loaded, last.total, last.fraction, last.secondsLeft], [42, 42, 1, 0]);
  });

  test("of a file that is refused are its end alone", async t => {
    const server = await serve(t, { onGrant: () => ({ error: { code: "forbidden", message: "No." } }) });
    const task = send(server, files(1));
    await task;
    assert.deepEqual(task.events.map(({ type }) => type), ["end"]);
  });

  test("that tell how far all are go to onProgress too", async t => {
    const server = await serve(t);
    const told = [];
    const task = send(server, files(2), { onProgress: progress => told.push(progress) });
    await task;
    assert.deepEqual(told, task.events.flatMap(({ progress }) => progress ?? []));
    assert.equal(told.at(-1).fraction, 1);
  });

  test("can be iterated over twice, and are the same as onEvent's", async t => {
    const server = await serve(t);
    const task = send(server, files(3));
    const [first, second, results] = await Promise.all([collected(task), collected(task), task]);
    assert.deepEqual(first, task.events);
    assert.deepEqual(second, task.events);
    assert.deepEqual(statuses(results), ["done", "done", "done"]);
  });

  test("are kept for a slow reader, and none are for one that comes after the end", async t => {
    const server = await serve(t);
    const task = send(server, files(2));
    const slow = task[Symbol.asyncIterator]();
    await task;
    const seen = [];
    for (let next = await slow.next(); !next.done; next = await slow.next()) seen.push(next.value);
    assert.deepEqual(seen, task.events);
    assert.deepEqual(await collected(task), []);
  });

  test("need not be read to their end: to break off cancels nothing", async t => {
    const server = await serve(t);
    const task = send(server, files(3));
    for await (const { type } of task) {
      assert.equal(type, "start");
      break;
    }
    assert.deepEqual(statuses(await task), ["done", "done", "done"]);
  });
});

describe("an exception", () => {
  test("in a callback is reported, and disturbs nothing", async t => {
    const reported = t.mock.method(console, "error", () => {});
    const server = await serve(t);
    const mine = new Error("the application's own");
    const fail = () => {
      throw mine;
    };
    const task = send(server, files(3), { onEvent: fail, onProgress: fail });
    const [seen, results] = await Promise.all([collected(task), task]);
    assert.deepEqual(statuses(results), ["done", "done", "done"]);
    assert.equal(seen.at(-1).type, "end");
    const told = seen.filter(event => "progress" in event).length;
    assert.deepEqual(reported.mock.calls.map(call => call.arguments[0]), Array(seen.length + told).fill(mine));
  });

  test("goes to reportError() where there is one, as in a browser", async t => {
    const reported = [];
    globalThis.reportError = error => reported.push(error.message);
    t.after(() => delete globalThis.reportError);
    const server = await serve(t);
    await send(server, files(1), { onEvent: ({ type }) => assert.notEqual(type, "start", "no start, please") });
    assert.deepEqual(reported, ["no start, please"]);
  });

  test("in an iteration is the reader's, and cancels nothing", async t => {
    const server = await serve(t);
    const task = send(server, files(2));
    await assert.rejects(async () => {
      for await (const { type } of task) throw new Error(type);
    }, { message: "start" });
    assert.deepEqual(statuses(await task), ["done", "done"]);
  });
});

test("two uploads at once know nothing of each other", async t => {
  const { opened, open } = gate();
  t.after(open);
  const slow = await serve(t, { onPut: () => opened.then(() => undefined) });
  const quick = await serve(t);
  const [first, second] = [send(slow, files(3)), send(quick, files(8))];
  assert.deepEqual(statuses(await second), Array(8).fill("done"));
  await until(() => slow.puts.length === 3, "the uploads of the first");
  second.cancel();
  first.cancel(1);
  open();
  assert.deepEqual(statuses(await first), ["done", "cancelled", "done"]);
  assert.equal(first.events.at(-1).progress.files.total, 3);
  assert.equal(second.events.at(-1).progress.files.total, 8);
});
