// Progress never goes back and never passes the total.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arrange } from "../harness/arrange.mjs";
import { breakConnections, slowDown } from "../harness/network.mjs";
import { neverGoesBack } from "../harness/progress.mjs";

const SIZES = [0, 1, 3_000_000, 700_000, 6_000_000, 20_000];
const TOTAL = SIZES.reduce((sum, size) => sum + size);

describe("progress", () => {
  const demo = arrange();

  /** Uploads, and gives every event and every call of `onProgress`; `during` hears each event in the page. */
  async function record(t, bytesPerSecond, during = () => {}) {
    const page = await demo.open(t);
    await page.exposeFunction("during", (type, fraction) => during(page, type, fraction));
    await page.evaluate(() => import("/presign-client/index.js"));
    await slowDown(page, { bytesPerSecond });
    return page.evaluate(async sizes => {
      const { upload } = await import("/presign-client/index.js");
      const events = [];
      const calls = [];
      const results = await upload(
        sizes.map((size, index) => new File([bytes(index, size)], `${index}.bin`)),
        {
          retry: { attempts: 10, minDelay: 200, maxDelay: 2000 }, // a network that comes back takes a moment
          onProgress: progress => calls.push(structuredClone(progress)),
          onEvent: event => {
            const { file, ...result } = event.result ?? {};
            events.push(structuredClone(event.result ? { ...event, result } : event));
            during(event.type, event.progress?.fraction);
          },
        },
      );
      return { events, calls, statuses: results.map(result => result.status) };
    }, SIZES);
  }

  function check({ events, calls, statuses }) {
    assert.deepEqual(statuses, SIZES.map(() => "done"));
    const whole = [...events.flatMap(event => event.progress ?? [])];
    for (const series of [whole, calls]) {
      assert.ok(series.length > 10, `${series.length} reports`);
      neverGoesBack(series, TOTAL);
      assert.ok(series.every(({ files }) => files.total === SIZES.length));
      const last = series.at(-1);
      assert.deepEqual([last.loaded, last.total, last.fraction, last.files.done], [TOTAL, TOTAL, 1, SIZES.length]);
    }
    for (const [index, size] of SIZES.entries()) {
      const own = events.flatMap(event => (event.type === "progress" && event.file.index === index ? event.file : []));
      neverGoesBack(own, size);
    }
    const large = events.filter(event => event.type === "progress" && event.file.index === 4);
    assert.ok(large.some(({ file }) => file.fraction > 0 && file.fraction < 1), "nothing between start and end was told");
  }

  test("with several files at once", async t => check(await record(t, 4_000_000)));

  test("when the network breaks off midway and files are sent again", async t => {
    let broken = false;
    const recorded = await record(t, 4_000_000, async (page, type, fraction) => {
      if (broken || type !== "progress" || fraction < 0.3) return;
      broken = true;
      await breakConnections();
    });
    assert.ok(recorded.events.some(event => event.type === "retry"), "nothing broke off");
    check(recorded);
  });
});
