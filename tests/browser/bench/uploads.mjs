// How long a selection takes, side by side with the guide's own way (a signing trip for each file, then its PUT; six at a time, which the
// guide leaves to the browser), in one run, alternating. Loopback: what is compared is work and round trips, not a network.
import { bytes } from "../harness/bytes.mjs";
import { launch } from "../harness/chromium.mjs";
import { startDemo } from "../harness/demo.mjs";
import { openStore } from "../harness/store.mjs";

const ROUNDS = 5;
const SELECTIONS = [
  { files: 200, size: 20_000 },
  { files: 1000, size: 1_000 },
  { files: 20, size: 2 * 1024 ** 2 },
  { files: 1, size: 256 * 1024 ** 2 },
];

const store = await openStore();
const demo = await startDemo(store);
const browser = await launch();
try {
  const page = await browser.newPage();
  await page.addInitScript(`globalThis.bytes = ${bytes}`);
  await page.goto(demo.origin);
  await page.evaluate(prepare);
  console.log(`\nMedian of ${ROUNDS}, in ms; the ratio is presign-client's to the guide's.\n`);
  console.log("| files | bytes each | presign-client | the guide's way | ratio |\n|---|---|---|---|---|");
  for (const { files, size } of SELECTIONS) {
    const { ours, guide } = await page.evaluate(selection => globalThis.measure(selection), { files, size, rounds: ROUNDS });
    console.log(`| ${files} | ${size} | ${ours.toFixed(0)} | ${guide.toFixed(0)} | ${(ours / guide).toFixed(2)} |`);
  }
} finally {
  await browser.close();
  await demo.stop();
  await store.stop();
}

/** Runs in the page. */
async function prepare() {
  const { upload } = await import("/presign-client/index.js");

  async function ours(files) {
    const results = await upload(files);
    const failed = results.find(result => result.status !== "done");
    if (failed) throw new Error(failed.error.message);
  }

  function put(file, url) {
    return new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.open("PUT", url, true);
      xhr.onload = () => (xhr.status === 200 ? resolve() : reject(new Error(`status ${xhr.status}`)));
      xhr.onerror = () => reject(new Error("no answer"));
      xhr.send(file);
    });
  }

  async function guide(files) {
    const waiting = [...files];
    const lane = async () => {
      for (let file = waiting.shift(); file; file = waiting.shift()) {
        await put(file, await (await fetch(`/presignedUrl?name=${file.name}`)).text());
      }
    };
    await Promise.all(Array.from({ length: 6 }, lane));
  }

  async function took(send, selection) {
    const start = performance.now();
    await send(selection);
    return performance.now() - start;
  }

  const median = times => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];

  globalThis.measure = async ({ files, size, rounds }) => {
    const selection = Array.from({ length: files }, (_, index) => new File([bytes(index, size)], `${index}.bin`));
    const times = { ours: [], guide: [] };
    for (let round = 0; round < rounds; round++) {
      times.ours.push(await took(ours, selection));
      times.guide.push(await took(guide, selection));
    }
    return { ours: median(times.ours), guide: median(times.guide) };
  };
}
