// Files that go in parts, and keeping some of their parts from arriving.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytes, sha256 } from "./bytes.mjs";
import { temporaryFolder } from "./folder.mjs";

export const MIB = 1 << 20;

/** The demo's options for which `PARTS` parts are a file of `SIZE` bytes. */
export const IN_PARTS = ["--multipart-threshold", `${5 * MIB}`, "--part-size", `${5 * MIB}`];
export const SIZE = 4 * 5 * MIB - 1_000_000;

/** A file on disk until the end of the test `t`, its contents by `seed`: a browser takes it sooner than one that it is sent. */
export async function fileInParts(t, name, seed, size = SIZE) {
  const folder = await temporaryFolder("in-parts");
  t.after(folder.remove);
  const path = join(folder.path, name);
  const contents = bytes(seed, size);
  await writeFile(path, contents);
  return { name, path, sha256: sha256(contents) };
}

/** From now on no byte beyond the first few of these parts gets through the proxy, until the function that it gives is called. */
export function hold(proxy, ...numbers) {
  let letGo;
  const until = new Promise(resolve => (letGo = resolve));
  const noRule = proxy.rule(({ query }) => numbers.includes(Number(query.partNumber)) && { stall: 1000, until });
  return () => {
    noRule();
    letGo();
  };
}

/** Bytes of bodies that the store was given in these requests. */
export const sentIn = requests => requests.reduce((sum, { method, sent }) => sum + (method === "PUT" ? sent : 0), 0);

/** Waits until nothing has passed the proxy for a second. */
export async function atRest({ requests }) {
  const passed = () => `${requests.length} ${sentIn(requests)}`;
  for (let before; before !== passed(); ) {
    before = passed();
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
}

/** Waits until the store has exactly these parts of the key, and nothing but them. */
export async function untilParts(bucket, key, numbers) {
  for (let tries = 0; tries < 300; tries++) {
    const [upload] = await bucket.uploads(key);
    if (upload && upload.parts.map(({ number }) => number).join() === numbers.join()) return upload;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`the store never had just the parts ${numbers} of ${key}`);
}
