// A store, a demo and a browser for the tests of one file or one `describe`.
import { after, before } from "node:test";
import { Bucket } from "./bucket.mjs";
import { bytes } from "./bytes.mjs";
import { launch } from "./chromium.mjs";
import { ask, startDemo } from "./demo.mjs";
import { IN_PARTS } from "./in-parts.mjs";
import { writeOnly } from "./minio.mjs";
import { startProxy } from "./proxy.mjs";
import { openSeparateStore, openStore, signedBy, through } from "./store.mjs";
import { onGrants } from "./ui.mjs";
import { watch } from "./watch.mjs";

/** Starts all three before the tests around the call, the demo with `options`, and ends them after. */
export function arrange(...options) {
  return arrangement(async ends => {
    const store = await openStore();
    ends.push(store.stop);
    return { store, options };
  });
}

/** A store and a demo alone: for what no browser sends. What is granted to `ask` is taken away in the end, where the bucket is not the tests' own. */
export function arrangeOutside(...options) {
  return arrangement(async ends => {
    const store = await openStore();
    ends.push(store.stop);
    return { store, options };
  }, false);
}

/** The same at MinIO, with a demo whose URLs that write are signed by credentials that may put objects into the bucket and nothing else. */
export function arrangeWriteOnly(...options) {
  return arrangement(async ends => {
    const store = await openStore();
    ends.push(store.stop);
    return { store: signedBy(store, await writeOnly(store.place)), options };
  }, false);
}

/** The same with a proxy between browser and store, `proxy` (see proxy.mjs). What the demo itself says to the store does not pass it. */
export function arrangeBehindProxy(...options) {
  return arrangement(async ends => {
    const store = await openSeparateStore();
    ends.push(store.stop);
    const proxy = await startProxy(store.place.endpoint);
    ends.push(proxy.stop);
    return { store: through(store, { publicEndpoint: proxy.origin }), options, proxy };
  });
}

/**
 * For uploads in parts: the proxy is between store and browser and between store and demo, so that it sees everything that is said to the
 * store, and small files go in parts (see in-parts.mjs). `another()`, with more options, starts one more demo over the same
 * store, the caller's to stop.
 */
export function arrangeInParts(...options) {
  return arrangement(async ends => {
    const separate = await openSeparateStore();
    ends.push(separate.stop);
    const proxy = await startProxy(separate.place.endpoint);
    ends.push(proxy.stop);
    const store = through(separate, { endpoint: proxy.origin });
    const all = [...IN_PARTS, ...options];
    return { store, options: all, proxy, another: (...more) => startDemo(store, [...all, ...more]) };
  });
}

function arrangement(open, withBrowser = true) {
  const arranged = {};
  const ends = [];
  const keys = new Set();

  before(async () => {
    const { store, options, ...more } = await open(ends);
    const demo = await startDemo(store, options);
    ends.push(demo.stop);
    const browser = withBrowser ? await launch() : undefined;
    ends.push(() => browser?.close());
    // The tests' own objects, and what is left of uploads, in a bucket that is not their own.
    if (store.shared) ends.push(async () => { for (const key of keys) await demo.bucket.forget(key); });
    Object.assign(arranged, demo, more, { browser, shared: store.shared });
  });

  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  /** What the demo answers to a request for these files. */
  arranged.ask = async (...files) => {
    const grants = await ask(arranged, ...files);
    for (const { key } of grants) if (key) keys.add(key);
    return grants;
  };

  /** A second bucket of the store, empty. One that is not the tests' own is taken away after the test `t`. */
  arranged.anotherBucket = async t => {
    const name = `other-${Date.now()}`;
    const bucket = new Bucket({ ...arranged.place, bucket: name });
    await bucket.create();
    if (arranged.shared) t.after(() => bucket.drop());
    return { name, bucket };
  };

  /** Opens a page of the demo's in a context of its own, watched, until the end of the test `t`. */
  arranged.open = async (t, path = "/", contextOptions = {}) => {
    const context = await arranged.browser.newContext(contextOptions);
    t.after(() => context.close());
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    await page.addInitScript(`globalThis.bytes = ${bytes}`);
    const watched = await watch(page);
    t.after(() => watched.puts.forEach(url => keys.add(arranged.bucket.keyOf(url))));
    // An upload in parts is there from the grant on, whether or not a part was sent.
    if (arranged.shared) onGrants(page, granted => granted.forEach(({ grant }) => keys.add(grant.key)));
    await page.goto(arranged.origin + path);
    return Object.assign(page, { watched });
  };
  return arranged;
}
