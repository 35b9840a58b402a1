// The demo as a program.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startDemo } from "../harness/demo.mjs";
import { openStore } from "../harness/store.mjs";

test("SIGTERM ends it cleanly", async t => {
  const store = await openStore();
  t.after(store.stop);
  const demo = await startDemo(store);
  assert.equal((await fetch(demo.origin)).status, 200);
  assert.deepEqual(await demo.stop(), { code: 0, signal: null });
  await assert.rejects(fetch(demo.origin));
});
