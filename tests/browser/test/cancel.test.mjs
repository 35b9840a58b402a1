// A cancelled upload leaves nothing behind in the store.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arrange } from "../harness/arrange.mjs";
import { slowDown } from "../harness/network.mjs";

const LARGE = 40_000_000;

describe("cancelling", () => {
  const demo = arrange();

  /**
   * Uploads three files, of which the second is large, over a slow network; runs `how` when the large one is on its way for a
   * quarter; and gives how each ended and what is new in the store after one more upload has gone through.
   */
  async function cancelMidway(t, how) {
    const page = await demo.open(t);
    const before = await demo.bucket.keys();
    await page.evaluate(() => import("/presign-client/index.js"));
    await slowDown(page, { bytesPerSecond: 10_000_000 });
    const broken = page.waitForEvent("requestfailed", request => request.method() === "PUT");
    const uploading = page.evaluate(
      async ({ how, size }) => {
        const { upload } = await import("/presign-client/index.js");
        const controller = new AbortController();
        const files = [new File(["first"], "first.txt"), new File([new Uint8Array(size)], "large.bin"), new File(["last"], "last.txt")];
        const ended = new Set();
        let cancelled = false;
        const task = upload(files, {
          signal: controller.signal,
          onEvent: event => {
            if (event.type === "end") ended.add(event.index);
            // The small ones are through, and this one is far from it.
            const midway = event.type === "progress" && event.file.index === 1 && event.file.fraction > 0.25;
            if (!cancelled && midway && ended.size === 2) {
              cancelled = true;
              ({ one: () => task.cancel(1), all: () => task.cancel(), signal: () => controller.abort() })[how]();
            }
          },
        });
        return (await task).map(({ status, key }) => ({ status, key }));
      },
      { how, size: LARGE },
    );
    await broken;
    const results = await uploading;
    await slowDown(page, { bytesPerSecond: -1 });
    // Whatever the store still had to do about the one that broke off, it takes the next one after it.
    const next = await page.evaluate(async () => {
      const { upload } = await import("/presign-client/index.js");
      return (await upload([new File(["next"], "next.txt")]))[0].key;
    });
    const left = (await demo.bucket.keys()).filter(key => !before.includes(key));
    page.watched.isQuiet();
    return { results, left, next };
  }

  for (const [how, words] of Object.entries({ one: "one file", all: "all of them", signal: "with an AbortSignal" })) {
    test(`${words}, midway in a large file`, async t => {
      const { results, left, next } = await cancelMidway(t, how);
      assert.deepEqual(results.map(result => result.status), ["done", "cancelled", "done"]);
      assert.deepEqual(left, [results[0].key, results[2].key, next].sort());
    });
  }

  test("before anything has begun: nothing is asked for", async t => {
    const page = await demo.open(t);
    const before = await demo.bucket.keys();
    const statuses = await page.evaluate(async () => {
      const { upload } = await import("/presign-client/index.js");
      const files = [new File(["a"], "a.txt"), new File(["b"], "b.txt")];
      return (await upload(files, { signal: AbortSignal.abort() })).map(result => result.status);
    });
    assert.deepEqual(statuses, ["cancelled", "cancelled"]);
    assert.deepEqual(page.watched.puts, []);
    assert.deepEqual(await demo.bucket.keys(), before);
  });

  test("one that still waits for its turn: the others arrive", async t => {
    const page = await demo.open(t);
    const before = await demo.bucket.keys();
    const results = await page.evaluate(async () => {
      const { upload } = await import("/presign-client/index.js");
      const files = Array.from({ length: 4 }, (_, index) => new File([`contents ${index}`], `${index}.txt`));
      const task = upload(files, {
        concurrency: 1,
        onEvent: event => {
          if (event.type === "start" && event.index === 0) task.cancel(2);
        },
      });
      return (await task).map(({ status, key }) => ({ status, key }));
    });
    assert.deepEqual(results.map(result => result.status), ["done", "done", "cancelled", "done"]);
    assert.equal(page.watched.puts.length, 3);
    const left = (await demo.bucket.keys()).filter(key => !before.includes(key));
    assert.deepEqual(left, results.flatMap(({ key }) => key ?? []).sort());
  });
});
