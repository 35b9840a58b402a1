// A page that was closed, or killed, goes on where it was when the same file is chosen again, and never with another file.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { arrangeInParts } from "../harness/arrange.mjs";
import { eventually } from "../harness/eventually.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { PART, numbers, partsOf, puts } from "../harness/parts.mjs";
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

  /** What the page has been told, but for how it progressed. */
  const told = async page => (await events(page)).filter(({ type }) => type !== "progress" && type !== "end");

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
    return { parts: numbersOf(upload), upload, attempts: sent(name).length };
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
    const left = await killed(page, { name, key }, () => stored(sent(name)).size >= 2);
    assert.ok(left.parts.length >= 2 && left.parts.length < PARTS.length, `${left.parts}`);
    return { ...left, context, key };
  }

  const seed = Number(process.env.PRESIGN_SEED ?? Math.floor(Math.random() * 2 ** 31));
  test(`resumes each time that its tab is killed, 20 times, and its server, 5 times (PRESIGN_SEED=${seed})`, { timeout: 150_000 }, async t => {
    const random = generator(seed);
    const size = 11 * PART + 4321;
    const KILLS = 20;
    const crashes = new Set([2, 6, 10, 14, 18]);
    const page = await demo.open(t);
    const context = page.context();
    await context.newPage();
    let tab = page;
    let resumed = 0;

    for (let kills = 0, round = 0; kills < KILLS; round++) {
      const { path, name } = await file(`killed ${round}.bin`, { seed: 100 + round, size });
      const expected = await digestOfFile(path);
      t.after(demo.proxy.rule(({ method, path }) => method === "PUT" && decodeURIComponent(path).endsWith(name) && { rate: RATE }));
      let key;
      let left = { parts: [], attempts: 0 };
      for (let result; !result; ) {
        const grants = recordGrants(tab);
        await begin(tab, [path], { concurrency: 2, retry: PATIENT });
        key ??= await eventually(async () => (await grants())[0]?.grant.key, "the grant");
        // Somewhere in what one tab sends, the very beginning and the end included.
        const before = bytesOf(sent(name));
        const at = before + Math.floor(random() * 26_000_000);
        const isTime = () => sent(name).length > left.attempts && bytesOf(sent(name)) >= at;
        const crash = kills < KILLS && crashes.has(kills);
        if (crash) {
          crashes.delete(kills);
          await demo.crash();
        }
        const restarted = crash ? after_(() => demo.restart(), 100 + random() * 400) : undefined;
        const finished = results(tab).then(([result]) => result, () => undefined);
        const ended = finished.then(result => (result ? { result } : { died: true }));
        const first = await Promise.race([ended, kills < KILLS ? eventually(isTime, "bytes").then(() => ({ time: true }), () => ({})) : ended]);
        await restarted;
        // What the store had is not sent again, and what was sent before was found.
        const again = sent(name).slice(left.attempts).filter(({ query }) => left.parts.includes(Number(query.partNumber)));
        assert.deepEqual(numbers(again), [], `parts were sent again that the store had: ${left.parts}`);
        if (first.result) {
          result = first.result;
          break;
        }
        const heard = await told(tab).catch(() => []);
        if (left.attempts > 0 && heard.length) {
          assert.equal(heard[0].type, "resume", JSON.stringify(heard));
          assert.ok(heard[0].loaded >= left.parts.length * (PART - 1) - PART, JSON.stringify([heard[0], left.parts]));
          resumed++;
        }
        assert.ok(heard.every(({ type }) => type !== "restart"), JSON.stringify(heard));
        left = await killed(tab, { name, key }, () => true);
        kills++;
        tab = await comeBack(context);
        continue;
      }
      const [end] = (await results(tab));
      assert.equal(end.key, key, "it is another object than the one that was begun");
      await arrived(end, expected);
      assert.deepEqual(await remembered(tab), { uploads: 0, parts: 0 });
      t.diagnostic(`${name}: ${sent(name).length} attempts at ${partsOf(size).length} parts`);
    }
    assert.ok(resumed >= 5, `${resumed}`);
    assert.equal(crashes.size, 0);
  });
});

const bytesOf = entries => entries.reduce((sum, { sent }) => sum + sent, 0);

const after_ = async (work, ms) => {
  await new Promise(resolve => setTimeout(resolve, ms));
  return work();
};

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
