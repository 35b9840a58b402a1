// A page that was closed, or killed, goes on where it was when the same file is chosen again, and never with another file.
import assert from "node:assert/strict";
import { copyFile, rename, writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { arrangeInParts } from "../harness/arrange.mjs";
import { eventually } from "../harness/eventually.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { PART, isComplete, numbers, partsOf } from "../harness/in-parts.mjs";
import { refusal } from "../harness/proxy.mjs";
import { digestOfFile } from "../harness/sha256.mjs";
import { sparseFile } from "../harness/sparse.mjs";
import { swap } from "../harness/swap.mjs";
import { killTab } from "../harness/tab.mjs";
import { begin, events, goOn, pending, remembered, results } from "../harness/task.mjs";
import { recordGrants } from "../harness/ui.mjs";

const SIZE = 5 * PART + 12_345;
const PARTS = partsOf(SIZE).map((_, index) => index + 1);
const RATE = 12_000_000; // bytes per second of each request
const PATIENT = { attempts: 50, minDelay: 20, maxDelay: 200 };

describe("an upload in parts", () => {
  const demo = arrangeInParts();
  let folder;
  before(async () => (folder = await temporaryFolder("resume")));
  after(() => folder.remove());

  const file = (name, { seed = 0, size = SIZE } = {}) => sparseFile(folder.path, name, size, { seed });
  const sent = name => demo.proxy.requests.filter(({ method, path }) => method === "PUT" && decodeURIComponent(path).endsWith(name));
  const stored = entries => new Set(entries.flatMap(({ query, status }) => (status === 200 ? Number(query.partNumber) : [])));
  const slowly = (t, name) => t.after(demo.proxy.rule(({ method, path }) => method === "PUT" && path.endsWith(name) && { rate: RATE }));

  async function arrived({ key, status, error }, digest) {
    assert.equal(status, "done", error?.message);
    const { sha256, size } = (await demo.bucket.object(key)) ?? {};
    assert.deepEqual({ sha256, size }, digest);
    assert.deepEqual(await demo.bucket.uploads(key), [], "something is left of the upload");
  }

  /** Whether the page was told that it goes on with an earlier upload, or that it cannot. */
  const told = async page => (await events(page)).filter(({ type }) => type === "resume" || type === "restart");

  /** Another page of the same browser, as if the user came back. */
  async function comeBack(context) {
    const page = await context.newPage();
    await page.goto(demo.origin);
    return page;
  }

  /** Kills the tab as soon as `when` holds, waits until the store has heard the last of it, and gives what the store has. */
  async function killed(page, { name, key }, when) {
    await eventually(when, "it is time to kill the tab");
    await killTab(page);
    await eventually(() => sent(name).every(({ over }) => over), "the store has heard the last of it");
    const [upload] = await demo.bucket.uploads(key);
    // The store may have put it together already: all of it is there then.
    const bytes = upload ? upload.parts.reduce((sum, { size }) => sum + size, 0) : ((await demo.bucket.object(key))?.size ?? 0);
    return { parts: numbersOf(upload), bytes, upload, attempts: sent(name).length };
  }

  const numbersOf = upload => upload?.parts.map(({ number }) => number) ?? [];

  /** Uploads two or more parts of the file and kills the tab: what is left, in a context with no page but an empty one. */
  async function abandoned(t, { path, name }, options = {}) {
    slowly(t, name);
    const page = await demo.open(t);
    const context = page.context();
    await context.newPage();
    const grants = recordGrants(page);
    await begin(page, [path], { concurrency: 2, ...options });
    const key = await eventually(async () => (await grants())[0]?.grant.key, "the grant");
    // The page has heard of two, and remembers them.
    const known = async () => options.resume === false || (await remembered(page)).parts >= 2;
    const left = await killed(page, { name, key }, async () => stored(sent(name)).size >= 2 && (await known()));
    assert.ok(left.parts.length >= 2 && left.parts.length < PARTS.length, `${left.parts}`);
    return { ...left, context, key };
  }

  const seed = Number(process.env.PRESIGN_SEED ?? Math.floor(Math.random() * 2 ** 31));
  test(`resumes each time that its tab is killed, 20 times, and its server, 5 times (PRESIGN_SEED=${seed})`, { timeout: 150_000 }, async t => {
    const random = generator(seed);
    const size = 11 * PART + 4321;
    const isCrash = kill => kill % 4 === 2;
    let tab = await demo.open(t);
    const context = tab.context();
    await context.newPage();
    let [kills, resumed] = [0, 0];

    for (let round = 0; kills < 20; round++) {
      const { path, name } = await file(`killed ${round}.bin`, { seed: 100 + round, size });
      slowly(t, name);
      let left = { parts: [], attempts: 0 };
      let [key, result] = [];
      while (!result) {
        const grants = recordGrants(tab);
        await begin(tab, [path], { concurrency: 2, retry: PATIENT });
        key ??= await eventually(async () => (await grants())[0]?.grant.key, "the grant");
        // Anywhere from the first request on; a server that is killed goes first, and comes back while the tab lives on, or only after it.
        const until = bytesOf(sent(name)) + random() * 26_000_000;
        const isTime = () => kills < 20 && sent(name).length > left.attempts && bytesOf(sent(name)) >= until;
        let back;
        if (kills < 20 && isCrash(kills)) {
          await demo.crash();
          back = pause(50 + random() * 400).then(demo.restart);
        }
        const ended = results(tab).then(([own]) => (result = own), () => {});
        await eventually(() => result || isTime(), "it has ended, or it is time to kill the tab");
        const again = sent(name).slice(left.attempts).filter(({ query }) => left.parts.includes(Number(query.partNumber)));
        assert.deepEqual(numbers(again), [], `parts were sent again that the store had: ${left.parts}`);
        if (left.attempts > 0) {
          const [first, ...more] = await told(tab);
          assert.deepEqual([first?.type, more], ["resume", []], JSON.stringify([first, ...more]));
          // A part that was on its way may have come to its end after the look at the store.
          assert.ok(first.loaded >= left.bytes, `${first.loaded} of ${left.bytes}`);
          resumed++;
        }
        if (!result) {
          left = await killed(tab, { name, key }, () => true);
          kills++;
          await ended;
          await back; // of a server that is not there nobody gets the page
          tab = await comeBack(context);
        }
        await back;
      }
      assert.equal(result.key, key, "it is another object than the one that was begun");
      await arrived(result, await digestOfFile(path));
      assert.deepEqual(await remembered(tab), { uploads: 0, parts: 0 });
      t.diagnostic(`${name}: ${sent(name).length} attempts at ${partsOf(size).length} parts`);
    }
    assert.ok(resumed >= 20, `${resumed} times`);
  });

  test("is not spliced with another file of the same name, size and date; both arrive", async t => {
    const chosen = await file("swapped.bin", { seed: 1 });
    const first = await digestOfFile(chosen.path);
    const left = await abandoned(t, chosen);
    const write = seed => async (handle, size) => {
      // The end is the first file's, and so is what comes after the first part: only the bytes tell them apart.
      await handle.write(`other ${seed}`, 17);
      await handle.write("end 1", size - 5);
    };
    await rename(chosen.path, `${chosen.path}.first`);
    await copyFile(`${chosen.path}.first`, chosen.path);
    await swap(chosen.path, write(2));
    const second = await digestOfFile(chosen.path);
    assert.notEqual(second.sha256, first.sha256);

    const tab = await comeBack(left.context);
    await begin(tab, [chosen.path]);
    const [result] = await results(tab);
    const [restart, ...more] = await told(tab);
    assert.deepEqual([restart?.type, restart?.error.code, more], ["restart", "different_file", []]);
    await arrived(result, second);
    assert.notEqual(result.key, left.key);
    assert.deepEqual(numbersOf((await demo.bucket.uploads(left.key))[0]), left.parts);
    assert.deepEqual((await pending(tab)).map(({ name }) => name), ["swapped.bin"]);

    // The first one's bytes come back.
    await copyFile(`${chosen.path}.first`, chosen.path);
    const before = sent(chosen.name).length;
    await begin(tab, [chosen.path]);
    const [again] = await results(tab);
    assert.equal(again.key, left.key);
    await arrived(again, first);
    assert.deepEqual((await told(tab)).map(({ type, loaded }) => [type, loaded]), [["resume", left.bytes]]);
    assert.deepEqual(numbers(sent(chosen.name).slice(before)), PARTS.filter(number => !left.parts.includes(number)));
    assert.deepEqual(await remembered(tab), { uploads: 0, parts: 0 });
  });

  test("is not spliced where the file is swapped while it is being sent", async t => {
    const chosen = await file("while sent.bin", { seed: 3 });
    slowly(t, chosen.name);
    const page = await demo.open(t);
    const grants = recordGrants(page);
    await begin(page, [chosen.path], { concurrency: 2, retry: { attempts: 2, minDelay: 1, maxDelay: 2 } });
    await eventually(() => stored(sent(chosen.name)).size >= 1);
    await writeFile(chosen.path, "another one");
    const [result] = await results(page);
    assert.deepEqual([result.status, result.error?.code], ["failed", "file_unreadable"]);
    const [{ grant }] = await grants();
    assert.equal(await demo.bucket.object(grant.key), undefined);
  });

  test("that the store knows nothing of any more begins anew, and arrives", async t => {
    const chosen = await file("gone.bin", { seed: 4 });
    const left = await abandoned(t, chosen);
    await demo.bucket.abort(left.upload);
    const tab = await comeBack(left.context);
    await begin(tab, [chosen.path]);
    const [result] = await results(tab);
    const [restart, ...more] = await told(tab);
    assert.deepEqual([restart?.type, restart?.error.code, more], ["restart", "upload_gone", []]);
    await arrived(result, await digestOfFile(chosen.path));
    assert.deepEqual(await remembered(tab), { uploads: 0, parts: 0 });
  });

  test("that is aborted while it is being sent begins anew, and arrives", async t => {
    const chosen = await file("aborted.bin", { seed: 5 });
    slowly(t, chosen.name);
    const page = await demo.open(t);
    const grants = recordGrants(page);
    await begin(page, [chosen.path], { concurrency: 2, retry: PATIENT });
    await eventually(() => stored(sent(chosen.name)).size >= 2);
    const [{ grant }] = await grants();
    const [upload] = await demo.bucket.uploads(grant.key);
    await demo.bucket.abort(upload);
    const [result] = await results(page);
    await arrived(result, await digestOfFile(chosen.path));
    assert.deepEqual((await told(page)).map(({ type }) => type), ["restart"]);
    assert.notEqual(result.key, grant.key);
  });

  test("whose tab is killed while the store puts it together is found whole, and nothing is sent again", async t => {
    const chosen = await file("completed.bin", { seed: 11 });
    const page = await demo.open(t);
    const context = page.context();
    await context.newPage();
    t.after(demo.proxy.rule(entry => isComplete(entry) && entry.path.endsWith(chosen.name) && { delay: 500 }));
    await begin(page, [chosen.path]);
    const asked = await eventually(() => demo.proxy.requests.find(entry => isComplete(entry) && entry.path.endsWith(chosen.name)));
    await killTab(page);
    await eventually(() => asked.over);
    const before = sent(chosen.name).length;
    const tab = await comeBack(context);
    await begin(tab, [chosen.path]);
    const [result] = await results(tab);
    await arrived(result, await digestOfFile(chosen.path));
    assert.equal(sent(chosen.name).length, before);
    assert.deepEqual((await told(tab)).map(({ type, loaded }) => [type, loaded]), [["resume", SIZE]]);
    assert.deepEqual(await remembered(tab), { uploads: 0, parts: 0 });
  });

  test("is put together only once the browser remembers all of its parts: a tab that is killed before loses nothing", async t => {
    const chosen = await file("slow disk.bin", { seed: 12 });
    slowly(t, chosen.name);
    const page = await demo.open(t);
    const context = page.context();
    await context.newPage();
    const grants = recordGrants(page);
    await begin(page, [chosen.path]);
    await eventually(() => sent(chosen.name).length > 0);
    // Whatever is to be written waits until this transaction has ended, which it never does.
    await page.evaluate(async () => {
      const opening = indexedDB.open("presign-client");
      await new Promise(resolve => (opening.onsuccess = resolve));
      const parts = opening.result.transaction("parts", "readwrite").objectStore("parts");
      const stay = () => (parts.count().onsuccess = stay);
      stay();
    });
    await eventually(() => stored(sent(chosen.name)).size === PARTS.length);
    // Complete would be on its way by now.
    for (let times = 0; times < 5; times++) await page.evaluate(() => fetch("/presignedUrl/limits").then(answer => answer.json()));
    const [{ grant: { key } }] = await grants();
    const left = await killed(page, { ...chosen, key }, () => true);
    assert.deepEqual(left.parts, PARTS);
    const tab = await comeBack(context);
    await begin(tab, [chosen.path]);
    const [result] = await results(tab);
    assert.deepEqual((await told(tab)).map(({ type, loaded }) => [type, loaded]), [["resume", SIZE]]);
    assert.equal(result.key, key);
    await arrived(result, await digestOfFile(chosen.path));
    assert.equal(sent(chosen.name).length, left.attempts);
  });

  test("is listed until it is resumed, and resumes from the list", async t => {
    const chosen = await file("listed.bin", { seed: 6 });
    const began = Date.now();
    const left = await abandoned(t, chosen);
    const tab = await comeBack(left.context);
    const [one, ...more] = await pending(tab);
    assert.deepEqual(more, []);
    assert.deepEqual([one.name, one.size, one.type], ["listed.bin", SIZE, "application/octet-stream"]);
    assert.ok(one.loaded > 0 && one.loaded <= left.bytes, `${one.loaded} of ${left.bytes}`);
    assert.ok(one.startedAt >= began && one.startedAt <= Date.now(), String(one.startedAt));
    assert.equal(one.expiresAt - one.startedAt, 7 * 24 * 3600 * 1000);
    assert.equal(await tab.evaluate(async () => (await (await import("/presign-client/index.js")).pendingUploads())[0].file()), undefined);
    // Under another name it is the same one.
    const renamed = `${chosen.path} renamed`;
    await rename(chosen.path, renamed);
    await goOn(tab, renamed);
    const [result] = await results(tab);
    assert.equal(result.key, left.key);
    await arrived(result, await digestOfFile(renamed));
    assert.deepEqual((await told(tab)).map(({ type, loaded }) => [type, loaded]), [["resume", left.bytes]]);
    assert.deepEqual(await pending(tab), []);
  });

  test("is given up at the store when it is discarded", async t => {
    const chosen = await file("discarded.bin", { seed: 7 });
    const left = await abandoned(t, chosen);
    const tab = await comeBack(left.context);
    await tab.evaluate(async () => (await (await import("/presign-client/index.js")).pendingUploads())[0].discard());
    assert.deepEqual(await demo.bucket.uploads(left.key), []);
    assert.deepEqual(await remembered(tab), { uploads: 0, parts: 0 });
  });

  test("is forgotten once its token has expired", async t => {
    const chosen = await file("expired.bin", { seed: 8 });
    const left = await abandoned(t, chosen);
    const tab = await left.context.newPage();
    await tab.clock.install({ time: Date.now() + 8 * 24 * 3600 * 1000 });
    await tab.goto(demo.origin);
    assert.deepEqual(await pending(tab), []);
    await eventually(async () => (await remembered(tab)).uploads === 0);
    await demo.bucket.abort(left.upload);
  });

  test("with `resume: false` is not remembered", async t => {
    const chosen = await file("not remembered.bin", { seed: 9 });
    const left = await abandoned(t, chosen, { resume: false });
    const tab = await comeBack(left.context);
    assert.deepEqual(await remembered(tab), { uploads: 0, parts: 0 });
    await begin(tab, [chosen.path], { resume: false });
    const [result] = await results(tab);
    await arrived(result, await digestOfFile(chosen.path));
    assert.notEqual(result.key, left.key);
    assert.deepEqual(await told(tab), []);
    await demo.bucket.abort(left.upload);
  });

  test("that failed resumes when it is tried again", async t => {
    const chosen = await file("failed.bin", { seed: 10 });
    const page = await demo.open(t);
    const fails = demo.proxy.rule(({ method, query }) => method === "PUT" && query.partNumber === "5" && { answer: refusal(503, "SlowDown") });
    t.after(fails);
    slowly(t, chosen.name);
    await begin(page, [chosen.path], { concurrency: 1, retry: { attempts: 2, minDelay: 1, maxDelay: 2 } });
    assert.equal((await results(page))[0].error?.status, 503);
    fails();
    const had = stored(sent(chosen.name));
    assert.ok(had.has(4) && !had.has(5), [...had].join());
    const before = sent(chosen.name).length;
    await begin(page, [chosen.path]);
    const [result] = await results(page);
    await arrived(result, await digestOfFile(chosen.path));
    assert.deepEqual(numbers(sent(chosen.name).slice(before)), PARTS.filter(number => !had.has(number)));
    assert.deepEqual((await told(page)).map(({ type }) => type), ["resume"]);
  });
});

const bytesOf = entries => entries.reduce((sum, { sent }) => sum + sent, 0);

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
