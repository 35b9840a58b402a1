// A store, a demo and a browser for the tests of one file or one `describe`.
import { after, before } from "node:test";
import { bytes } from "./bytes.mjs";
import { launch } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { openStore } from "./store.mjs";
import { watch } from "./watch.mjs";

/** Starts all three before the tests around the call, the demo with `options`, and ends them after. */
export function arrange(...options) {
  const arranged = {};
  const ends = [];
  const uploaded = new Set();

  before(async () => {
    const store = await openStore();
    ends.push(store.stop);
    const demo = await startDemo(store, options);
    ends.push(demo.stop);
    const browser = await launch();
    ends.push(() => browser.close());
    if (store.shared) ends.push(() => removeAll(demo.bucket, uploaded));
    Object.assign(arranged, demo, { browser });
  });

  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  /** Opens a page of the demo's in a context of its own, watched, until the end of the test `t`. */
  arranged.open = async (t, path = "/", contextOptions = {}) => {
    const context = await arranged.browser.newContext(contextOptions);
    t.after(() => context.close());
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    await page.addInitScript(`globalThis.bytes = ${bytes}`);
    const watched = await watch(page);
    t.after(() => watched.puts.forEach(url => uploaded.add(url.href)));
    await page.goto(arranged.origin + path);
    return Object.assign(page, { watched });
  };
  return arranged;
}

/** The tests' own objects in a bucket that is not their own. */
async function removeAll(bucket, urls) {
  for (const url of urls) await bucket.remove(bucket.keyOf(url));
}
