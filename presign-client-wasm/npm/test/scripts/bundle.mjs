// In a process of its own: has the bundle that is named upload one file that is cancelled at once, which takes the engine and no browser. Files
// that the bundle asks for are those beside it, as a web server would give them. Prints what was asked for and what came of the upload.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";

const [, , bundle] = process.argv;
const asked = [];
globalThis.fetch = async url => {
  asked.push(basename(url.pathname));
  return new Response(await readFile(url), { headers: { "content-type": "application/wasm" } });
};
await import(pathToFileURL(bundle).href);
const results = await globalThis.upload([new File(["a"], "a.txt")], { signal: AbortSignal.abort() });
console.log(JSON.stringify({ asked, results: results.map(({ status, error }) => error?.message ?? status) }));
