// A page stays responsive while a large file is read, summed up and sent.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { arrangeInParts } from "../harness/arrange.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { sparseFile } from "../harness/sparse.mjs";
import { begin, results } from "../harness/task.mjs";

const SIZE = 60_000_000;
/** What makes a task long. Source: https://www.w3.org/TR/longtasks-1/#sec-terminology */
const LONG = 50; // ms

describe("while 60 MB are uploaded", () => {
  const demo = arrangeInParts();

  test(`no task of the page's main thread takes ${LONG} ms of its processor`, async t => {
    const folder = await temporaryFolder("main-thread");
    t.after(folder.remove);
    const { path } = await sparseFile(folder.path, "large.bin", SIZE);
    const page = await demo.open(t);
    const trace = join(folder.path, "trace.json");
    await demo.browser.startTracing(page, { path: trace, categories: ["disabled-by-default-devtools.timeline", "toplevel", "__metadata"] });
    await begin(page, [path]);
    const [{ status, error }] = await results(page);
    // One that is long, to show that it would be seen.
    await page.evaluate(() => {
      for (const end = performance.now() + 10 * 50; performance.now() < end; );
    });
    // A task is in the trace once it has ended, and this one answers before it has.
    await page.evaluate(() => new Promise(resolve => setTimeout(resolve)));
    await demo.browser.stopTracing();
    assert.equal(status, "done", error?.message);
    const tasks = mainThreadTasks(JSON.parse(await readFile(trace, "utf8")).traceEvents);
    // What the thread itself computed: on a busy machine the clock on the wall tells how long others did.
    const spent = tasks.map(({ tdur }) => tdur / 1000).sort((one, other) => other - one);
    const own = spent.shift();
    assert.ok(own > LONG, `the long task was not seen, only ${own} ms`);
    const long = tasks.filter(({ dur }) => dur / 1000 > LONG).length - 1;
    t.diagnostic(`${tasks.length} tasks; the longest took ${spent.slice(0, 5).map(ms => ms.toFixed(1)).join(", ")} ms; by the wall's clock ${long} were longer than ${LONG} ms`);
    assert.ok(tasks.length > 100, `only ${tasks.length} tasks were seen`);
    assert.ok(spent[0] < LONG, `${spent[0]} ms`);
  });
});

/** The tasks of the page's main thread: of the process in which most ran, if there are several. */
function mainThreadTasks(events) {
  const mains = events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const of = ({ pid, tid }) => events.filter(event => event.pid === pid && event.tid === tid && event.name === "RunTask" && event.tdur !== undefined);
  return mains.map(of).sort((one, other) => other.length - one.length)[0] ?? [];
}
