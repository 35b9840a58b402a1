// Large files go in parts, and whatever goes wrong with one of them concerns that one alone.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arrangeInParts } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { upload } from "../harness/client.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { PART, THRESHOLD, isComplete, numbers, partsOf, puts } from "../harness/in-parts.mjs";
import { neverGoesBack } from "../harness/progress.mjs";
import { refusal } from "../harness/proxy.mjs";
import { digestOfFile } from "../harness/sha256.mjs";
import { sparseFile } from "../harness/sparse.mjs";
import { begin, events, results } from "../harness/task.mjs";

const QUICK = { attempts: 5, minDelay: 1, maxDelay: 5 };
const WINDOW = 20; // parts whose URLs come in one answer
const SIZE = 2 * PART + 1_234_567;

describe("an upload in parts", () => {
  const demo = arrangeInParts("--parts-per-request", String(WINDOW));

  /** What the page has asked our endpoints. */
  const asked = page => page.watched.requests.filter(({ method, url }) => method === "POST" && url.origin === demo.origin).map(({ url }) => url.pathname);

  async function arrived({ status, error, key }, { seed, size }) {
    assert.equal(status, "done", error?.message);
    const stored = await demo.bucket.object(key);
    assert.deepEqual([stored?.sha256, stored?.size], [sha256(bytes(seed, size)), size]);
    assert.deepEqual(await demo.bucket.uploads(key), [], "something is left of the upload");
  }

  const ofFile = (events, index) => events.flatMap(event => (event.type === "progress" && event.file.index === index ? event.file : []));

  function progressed(events, sizes) {
    const total = sizes.reduce((sum, size) => sum + size);
    const whole = events.flatMap(event => event.progress ?? []);
    neverGoesBack(whole, total);
    assert.equal(whole.at(-1).loaded, total);
    for (const [index, size] of sizes.entries()) {
      neverGoesBack(ofFile(events, index), size);
      assert.equal(ofFile(events, index).at(-1)?.loaded ?? 0, size);
    }
  }

  test("goes in equal parts but for the last, and asks twice", async t => {
    const page = await demo.open(t);
    const file = { name: "equal.bin", seed: 1, size: SIZE, type: "application/x-test" };
    const { results: [result], events } = await upload(page, [file]);
    await arrived(result, file);
    const sent = puts(demo.proxy, result.key);
    assert.deepEqual(numbers(sent), [1, 2, 3]);
    for (const { query, headers } of sent) assert.equal(Number(headers["content-length"]), partsOf(SIZE)[query.partNumber - 1]);
    assert.deepEqual(asked(page), ["/presignedUrl", "/presignedUrl/complete"]);
    assert.equal((await demo.bucket.object(result.key)).type, file.type);
    assert.deepEqual(events.map(({ type }) => type).filter(type => type !== "progress"), ["start", "end"]);
    progressed(events, [SIZE]);
    page.watched.isQuiet();
  });

  test("many files, in parts or not, and twins, share six connections and arrive", async t => {
    const page = await demo.open(t);
    await page.evaluate(() => {
      globalThis.open = globalThis.most = 0;
      const { send } = XMLHttpRequest.prototype;
      XMLHttpRequest.prototype.send = function (body) {
        globalThis.most = Math.max(globalThis.most, ++globalThis.open);
        this.addEventListener("readystatechange", () => this.readyState === XMLHttpRequest.DONE && globalThis.open--);
        send.call(this, body);
      };
    });
    const sizes = { "empty.bin": 0, "small.bin": 1, "below.bin": THRESHOLD - 1, "threshold.bin": THRESHOLD, "two.bin": 2 * PART, "and one.bin": 2 * PART + 1 };
    const files = Object.entries(sizes).map(([name, size], seed) => ({ name, size, seed, type: "" }));
    for (const seed of [50, 51]) files.push({ name: "twin.bin", size: THRESHOLD + 7, seed, type: "" });
    for (let seed = 100; seed < 110; seed++) files.push({ name: `${seed}.bin`, size: 100 * seed, seed, type: "" });
    const { results, events } = await upload(page, files);
    for (const [index, file] of files.entries()) {
      await arrived(results[index], file);
      const sent = puts(demo.proxy, results[index].key);
      const expected = file.size < THRESHOLD ? [NaN] : partsOf(file.size).map((_, index) => index + 1);
      assert.deepEqual(numbers(sent), expected, file.name);
    }
    assert.equal(new Set(results.map(({ key }) => key)).size, files.length);
    assert.equal(await page.evaluate(() => most), 6);
    progressed(events, files.map(({ size }) => size));
    page.watched.isQuiet();
  });

  /** Uploads a file, the first attempt at whose second part goes wrong: the result, the events, what the proxy saw of the parts. */
  async function sendWith(t, fault, file, options = {}) {
    const page = await demo.open(t);
    const isSecond = ({ path, query, attempt, method }) =>
      method === "PUT" && decodeURIComponent(path).endsWith(file.name) && query.partNumber === "2" && attempt === 1;
    t.after(demo.proxy.rule(entry => isSecond(entry) && fault));
    const { results: [result], events } = await upload(page, [file], { retry: QUICK, ...options });
    await arrived(result, file);
    progressed(events, [file.size]);
    page.watched.isQuiet({ failedAnswers: true });
    const sent = puts(demo.proxy, result.key);
    return { page, sent, retries: events.filter(({ type }) => type === "retry") };
  }

  const never = t => new Promise(resolve => t.after(resolve));
  const FAULTS = {
    "is refused as too much": () => ({ answer: refusal(503, "SlowDown") }),
    "breaks off": () => ({ cut: 1_000_000 }),
    "stalls": t => ({ stall: 1_000_000, until: never(t) }),
    "arrives, but its answer is lost": () => ({ lose: true }),
    "is changed on its way, which the store refuses": () => ({ flip: 2_345_678 }),
  };
  for (const [index, [name, fault]] of Object.entries(FAULTS).entries()) {
    test(`a part that ${name} is sent again, alone`, async t => {
      const file = { name: `fault ${index}.bin`, seed: 10 + index, size: SIZE };
      const { sent, retries } = await sendWith(t, fault(t), file, { stallTimeout: 1000 });
      assert.deepEqual(numbers(sent), [1, 2, 2, 3]);
      assert.deepEqual(retries.map(({ index, part, attempt }) => [index, part, attempt]), [[0, 2, 1]]);
      if (name.startsWith("is changed")) {
        assert.equal(sent.find(({ query }) => query.partNumber === "2").status, 400);
        assert.match(retries[0].error.storeCode, /Digest|Mismatch/);
      }
    });
  }

  test("what was on its way of an attempt that was given up comes to the store after the part", async t => {
    const file = { name: "late.bin", seed: 17, size: SIZE };
    let letGo;
    const until = new Promise(resolve => (letGo = resolve));
    t.after(letGo);
    const second = () => demo.proxy.requests.filter(({ path, query, method }) => method === "PUT" && path.endsWith(file.name) && query.partNumber === "2");
    // The parts are put together only when the first attempt at the second one has come to its end at the store too.
    t.after(demo.proxy.rule(entry => {
      if (!isComplete(entry) || second().length > 2) return undefined;
      letGo();
      return { delay: 1500 };
    }));
    const { sent } = await sendWith(t, { stall: 1000, until, lingers: true }, file, { stallTimeout: 1000 });
    const [first] = sent.filter(({ query }) => query.partNumber === "2");
    assert.ok(first.sent > 1 << 20 && first.sent < PART, `${first.sent} bytes of the first attempt came to the store`);
    // Garage takes the part that came last, although it broke off, and so wants it again.
    assert.ok([[1, 2, 2, 3], [1, 1, 2, 2, 2, 3, 3]].some(expected => expected.join() === numbers(sent).join()), numbers(sent).join());
  });

  for (const [status, code] of [[403, "AccessDenied"], [400, "InvalidRequest"]]) {
    test(`a part whose URL is refused as too old (${status} ${code}) is signed again, and sent alone`, async t => {
      const file = { name: `old ${status}.bin`, seed: status, size: SIZE };
      const { page, sent, retries } = await sendWith(t, { answer: refusal(status, code, "Request has expired") }, file);
      assert.deepEqual(numbers(sent), [1, 2, 2, 3]);
      assert.deepEqual(retries, []);
      assert.deepEqual(asked(page), ["/presignedUrl", "/presignedUrl/parts", "/presignedUrl/complete"]);
    });
  }

  const COMPLETES = {
    "is busy": { answer: refusal(503, "SlowDown") },
    "answers 200 with an error": { answer: refusal(200, "InternalError") },
    "does it, but its answer is lost": { lose: true },
  };
  for (const [index, [name, fault]] of Object.entries(COMPLETES).entries()) {
    test(`arrives where the store ${name} when it is to put the parts together`, async t => {
      const page = await demo.open(t);
      const file = { name: `complete ${index}.bin`, seed: 20 + index, size: SIZE };
      let wrong = 0;
      t.after(demo.proxy.rule(entry => isComplete(entry) && wrong++ === 0 && fault));
      const { results: [result] } = await upload(page, [file], { retry: QUICK });
      await arrived(result, file);
      assert.deepEqual(numbers(puts(demo.proxy, result.key)), [1, 2, 3]);
      assert.ok(wrong >= (fault.lose ? 1 : 2), "nothing went wrong");
      page.watched.isQuiet({ failedAnswers: true });
    });
  }

  test("arrives where the server completes it, but its answer is lost", async t => {
    const page = await demo.open(t);
    let lost = 0;
    await page.route("**/presignedUrl/complete", async route => {
      if (lost++) return route.continue();
      await route.fetch();
      await route.abort();
    });
    const file = { name: "answer lost.bin", seed: 30, size: SIZE };
    const { results: [result] } = await upload(page, [file], { retry: QUICK });
    await arrived(result, file);
    assert.equal(lost, 2);
    assert.deepEqual(numbers(puts(demo.proxy, result.key)), [1, 2, 3]);
  });

  test(`of ${WINDOW + 2} parts asks our endpoints no more than ⌈parts / window⌉ + 2 times, and no part waits for a signature`, { timeout: 60_000 }, async t => {
    const folder = await temporaryFolder("parts");
    t.after(folder.remove);
    const size = (WINDOW + 1) * PART + 1;
    const { path } = await sparseFile(folder.path, "many parts.bin", size);
    const page = await demo.open(t);
    await begin(page, [path]);
    const [{ status, key, error }] = await results(page);
    assert.equal(status, "done", error?.message);
    assert.deepEqual(numbers(puts(demo.proxy, key)), partsOf(size).map((_, index) => index + 1));
    assert.ok(asked(page).length <= Math.ceil((WINDOW + 2) / WINDOW) + 2, asked(page).join());
    // The second window was there before the first one was used up.
    const order = page.watched.requests.map(({ url }) => (url.pathname.endsWith("/parts") ? "window" : url.searchParams.get("partNumber")));
    assert.ok(order.indexOf("window") < order.indexOf(String(WINDOW - 3)), String(order.indexOf("window")));
    assert.deepEqual(await demo.bucket.object(key), { ...(await digestOfFile(path)), type: "application/octet-stream" });
    progressed(await events(page), [size]);
  });
});
