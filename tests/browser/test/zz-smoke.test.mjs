import { test } from "node:test";
import assert from "node:assert/strict";
import { arrange } from "../harness/arrange.mjs";
const demo = arrange();
test("a large file goes in parts", { timeout: 60000 }, async t => {
  const page = await demo.open(t);
  const out = await page.evaluate(async () => {
    const { upload } = await import("/presign-client/index.js");
    const file = new File([bytes(7, 70_000_000)], "big.bin");
    const events = [];
    const started = performance.now();
    const results = await upload([file], { onEvent: e => events.push(e.type === "progress" ? ["p", e.file.loaded] : JSON.stringify(e).slice(0, 300)) });
    return { ms: performance.now() - started, results: results.map(({ file, ...r }) => r), events };
  });
  console.log(JSON.stringify(out, null, 1).slice(0, 3000));
  console.log(page.watched.requests.map(r => `${r.method} ${r.url.pathname.slice(0, 60)}${/partNumber=\d+/.exec(r.url.search)?.[0] ?? ""}`).join("\n"));
  console.log(page.watched.complaints);
  assert.equal(out.results[0].status, "done");
  console.log(await demo.bucket.object(out.results[0].key));
});
