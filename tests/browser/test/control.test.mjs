// What the user does to an upload in parts while it goes on: pausing, cancelling, going offline, a second tab; and a server that goes.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { arrangeInParts } from "../harness/arrange.mjs";
import { eventually } from "../harness/eventually.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { breakConnections } from "../harness/network.mjs";
import { PART, numbers, partsOf, puts } from "../harness/in-parts.mjs";
import { neverGoesBack } from "../harness/progress.mjs";
import { refusal } from "../harness/proxy.mjs";
import { digestOfFile } from "../harness/sha256.mjs";
import { sparseFile } from "../harness/sparse.mjs";
import { startSwitch } from "../harness/switch.mjs";
import { begin, events, happens, pending, remembered, results } from "../harness/task.mjs";
import { recordGrants } from "../harness/ui.mjs";

const SIZE = 5 * PART + 54_321;
const PARTS = partsOf(SIZE).map((_, index) => index + 1);
const PATIENT = { attempts: 20, minDelay: 20, maxDelay: 500 };

describe("an upload in parts", () => {
  const demo = arrangeInParts();
  let folder;
  before(async () => (folder = await temporaryFolder("control")));
  after(() => folder.remove());

  const file = (name, seed = 0, size = SIZE) => sparseFile(folder.path, name, size, { seed });
  const isPut = name => ({ method, path }) => method === "PUT" && decodeURIComponent(path).endsWith(name);
  /** Makes the file's parts slow. */
  const slowly = (t, name, rate = 6_000_000) => t.after(demo.proxy.rule(entry => isPut(name)(entry) && { rate }));
  const sent = name => demo.proxy.requests.filter(isPut(name));
  const stored = entries => new Set(entries.flatMap(({ query, status }) => (status === 200 ? Number(query.partNumber) : [])));
  const partsStored = (name, count) => eventually(() => stored(sent(name)).size >= count, `${count} parts of ${name}`);
  /**
   * So many parts are on their way and none of them is near its beginning or its end: whatever else was sent, the page has its answer, and is not
   * about to get another.
   */
  const midway = (name, count) =>
    eventually(() => {
      const open = sent(name).filter(({ over }) => !over);
      return stored(sent(name)).size > 0 && open.length === count && open.every(({ sent }) => sent > PART / 10 && sent < (2 * PART) / 3);
    }, `${count} parts of ${name} are midway`);
  const quiet = name => eventually(() => sent(name).every(({ over }) => over), `nothing more of ${name} is on its way`);

  async function arrived({ key, status, error }, path) {
    assert.equal(status, "done", error?.message);
    const { sha256, size } = (await demo.bucket.object(key)) ?? {};
    assert.deepEqual({ sha256, size }, await digestOfFile(path));
    assert.deepEqual(await demo.bucket.uploads(key), [], "something is left of the upload");
  }

  /** What was sent of the parts that the store had by then already. */
  function noneAgain(name, before) {
    const had = stored(before);
    const again = sent(name).slice(before.length).filter(({ query }) => had.has(Number(query.partNumber)));
    assert.deepEqual(numbers(again), [], "parts were sent again that the store has");
  }

  test("paused, sends nothing, and afterwards only what is missing; the other files go on", async t => {
    const page = await demo.open(t);
    const [paused, other] = [await file("paused.bin"), await file("other.bin", 1)];
    slowly(t, paused.name);
    await begin(page, [paused.path, other.path], { concurrency: 2 });
    await midway(paused.name, 2);
    await page.evaluate(() => running.task.pause(0));
    await quiet(paused.name);
    const before = [...sent(paused.name)];
    await eventually(() => page.evaluate(() => running.events.some(({ type, index }) => type === "end" && index === 1)), "the other one ends");
    assert.equal(sent(paused.name).length, before.length, "something was sent while it was paused");
    assert.ok(stored(before).size < PARTS.length);
    await page.evaluate(() => running.task.resume(0));
    const ended = await results(page);
    await arrived(ended[0], paused.path);
    await arrived(ended[1], other.path);
    noneAgain(paused.name, before);
    const told = (await events(page)).flatMap(event => event.progress ?? []);
    neverGoesBack(told, 2 * SIZE);
    page.watched.isQuiet();
  });

  test("all of them are paused, and go on", async t => {
    const page = await demo.open(t);
    const files = [await file("first.bin", 2), await file("second.bin", 3)];
    for (const { name } of files) slowly(t, name);
    await begin(page, files.map(({ path }) => path), { concurrency: 2 });
    await midway(files[0].name, 2);
    await page.evaluate(() => running.task.pause());
    for (const { name } of files) await quiet(name);
    const before = files.map(({ name }) => [...sent(name)]);
    // A whole upload of another call takes longer than anything that was about to be sent.
    const between = await file("between.bin", 4);
    await page.evaluate(() => (globalThis.held = running));
    await begin(page, [between.path]);
    await arrived((await results(page))[0], between.path);
    for (const [index, { name }] of files.entries()) assert.equal(sent(name).length, before[index].length);
    await page.evaluate(() => (globalThis.running = held).task.resume());
    const ended = await results(page);
    for (const [index, { path, name }] of files.entries()) {
      await arrived(ended[index], path);
      noneAgain(name, before[index]);
    }
  });

  for (const [how, words] of [["one", "one of two"], ["all", "all of them"]]) {
    test(`cancelled, ${words}, leaves nothing at the store and nothing in the browser`, async t => {
      const page = await demo.open(t);
      const grants = recordGrants(page);
      const before = await remembered(page);
      const files = [await file(`cancelled ${how}.bin`, 5), await file(`kept ${how}.bin`, 6)];
      for (const { name } of files) slowly(t, name);
      await begin(page, files.map(({ path }) => path), { concurrency: 4 });
      await partsStored(files[0].name, 1);
      await page.evaluate(index => running.task.cancel(index), how === "one" ? 0 : undefined);
      const ended = await results(page);
      const gone = how === "one" ? [0] : [0, 1];
      assert.deepEqual(ended.map(({ status }) => status), how === "one" ? ["cancelled", "done"] : ["cancelled", "cancelled"]);
      if (how === "one") await arrived(ended[1], files[1].path);
      const granted = await grants();
      for (const index of gone) {
        const { key } = granted.find(({ name }) => name === files[index].name).grant;
        await eventually(async () => (await demo.bucket.uploads(key)).length === 0, "the upload is given up");
        assert.equal(await demo.bucket.object(key), undefined);
      }
      await eventually(async () => (await remembered(page)).uploads === before.uploads, "it is forgotten");
      assert.deepEqual(await pending(page), []);
      page.watched.isQuiet();
    });
  }

  test("goes on when the network breaks off, and sends only what is missing", async t => {
    const page = await demo.open(t);
    const { path, name } = await file("broken.bin", 7);
    slowly(t, name);
    await begin(page, [path], { concurrency: 2, retry: PATIENT });
    await midway(name, 2);
    await breakConnections();
    await happens(page, "retry");
    const before = sent(name).filter(({ over }) => over);
    await arrived((await results(page))[0], path);
    const had = stored(before);
    for (const number of had) assert.equal(sent(name).filter(({ query }) => Number(query.partNumber) === number).length, 1);
    neverGoesBack((await events(page)).flatMap(event => event.progress ?? []), SIZE);
  });

  test("waits while the browser is offline, and uses up no attempts for it", async t => {
    const page = await demo.open(t);
    const { path, name } = await file("offline.bin", 8);
    slowly(t, name);
    await begin(page, [path], { concurrency: 2, retry: { attempts: 3, minDelay: 1, maxDelay: 2 } });
    await midway(name, 2);
    await page.context().setOffline(true);
    await happens(page, "retry");
    await quiet(name);
    const before = [...sent(name)];
    const retries = () => events(page, "retry");
    const first = (await retries()).length;
    // Longer than all the attempts would take.
    await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 100)));
    assert.ok((await retries()).length - first < 3, "it tries in vain");
    assert.equal(sent(name).length, before.length);
    await page.context().setOffline(false);
    await arrived((await results(page))[0], path);
    noneAgain(name, before);
  });

  test("of the same file in two tabs are two, both whole", async t => {
    const page = await demo.open(t);
    const other = await page.context().newPage();
    await other.goto(demo.origin);
    const { path, name } = await file("both.bin", 9);
    slowly(t, name);
    await begin(page, [path], { concurrency: 3 });
    await partsStored(name, 1);
    assert.deepEqual(await pending(other), [], "another tab is at it");
    await begin(other, [path], { concurrency: 3 });
    const ended = [...(await results(page)), ...(await results(other))];
    for (const result of ended) await arrived(result, path);
    assert.notEqual(ended[0].key, ended[1].key);
    const ids = ended.map(({ key }) => new Set(puts(demo.proxy, key).map(({ query }) => query.uploadId)));
    assert.deepEqual(ids.map(({ size }) => size), [1, 1]);
    assert.notDeepEqual(ids[0], ids[1]);
    for (const { key } of ended) assert.deepEqual(numbers(puts(demo.proxy, key)), PARTS);
    for (const tab of [page, other]) assert.deepEqual((await events(tab)).filter(({ type }) => /^re/.test(type)), []);
  });

  test("arrives by two servers behind a switch, one of which is killed half-way", async t => {
    const servers = [await demo.another(), await demo.another()];
    t.after(() => Promise.all(servers.map(server => server.stop().catch(() => {}))));
    const front = await startSwitch(servers.map(({ origin }) => origin));
    t.after(front.stop);
    const page = await demo.open(t);
    await page.goto(front.origin);
    const { path, name } = await file("switched.bin", 10);
    let died = false;
    // What was signed by either is signed again by the other.
    t.after(demo.proxy.rule(entry => died && isPut(name)(entry) && entry.query.partNumber === "4" && entry.attempt === 1 && { answer: refusal(403, "AccessDenied") }));
    slowly(t, name);
    await begin(page, [path], { concurrency: 1 });
    await partsStored(name, 2);
    await servers[0].crash();
    died = true;
    const served = [...front.served];
    await arrived((await results(page))[0], path);
    assert.ok(served.every(count => count > 0), served.join());
    assert.equal(front.served[0], served[0]);
    assert.deepEqual(numbers(sent(name)), [1, 2, 3, 4, 4, 5, 6]);
    const asked = page.watched.requests.filter(({ method, url }) => method === "POST" && url.origin === front.origin).map(({ url }) => url.pathname);
    assert.deepEqual(asked, ["/presignedUrl", "/presignedUrl/parts", "/presignedUrl/complete"]);
  });
});
