// A large selection of awkward files arrives, every byte of it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { arrange } from "../harness/arrange.mjs";
import { makeSelection } from "../harness/files.mjs";
import { filesBelow } from "../harness/tree.mjs";
import { allUploaded, recordGrants, selector, status, uploadButton } from "../harness/ui.mjs";

const ENOUGH = 120_000; // ms: 300 MB are read, sent, stored and read again

describe("a selection in the page", () => {
  const demo = arrange();
  let selection;
  before(async () => (selection = await makeSelection()));
  after(() => selection?.remove());

  test("arrives whole, every file under a key of its own", { timeout: 2 * ENOUGH }, async t => {
    const { files } = selection;
    assert.ok(files.length >= 30, `only ${files.length} files`);
    const page = await demo.open(t);
    const recorded = recordGrants(page);
    const earlier = await demo.bucket.keys();
    assert.equal(await status(page).textContent(), "No uploads");

    await selector(page).setInputFiles(files.map(file => file.path));
    await uploadButton(page).click();
    await allUploaded(page, files.map(file => file.name), ENOUGH);

    const granted = await recorded();
    assert.equal(granted.length, files.length);
    const keys = [];
    for (const file of files) {
      // The twins differ in size, so a name and a size are one file.
      const { type, grant } = granted.find(({ name, size }) => name === file.name && size === file.size);
      const object = await demo.bucket.object(grant.key);
      assert.deepEqual([object?.sha256, object?.size], [file.sha256, file.size], file.name);
      if (type) assert.equal(object.type, type, file.name);
      keys.push(grant.key);
    }
    assert.equal(new Set(keys).size, files.length);
    const now = (await demo.bucket.keys()).filter(key => !earlier.includes(key));
    assert.deepEqual(now, keys.toSorted());
    page.watched.isQuiet();
    assert.deepEqual(page.watched.origins(), new Set([demo.origin, new URL(granted[0].grant.url).origin]));

    if (demo.objects) await onDisk(demo.objects, files, keys);
  });

  /** The embedded store's objects are ordinary files, below the bucket's folder, wherever a file can have the key as its path. */
  async function onDisk(folder, files, keys) {
    const stored = await filesBelow(folder);
    for (const [index, file] of files.entries()) {
      const same = stored.filter(({ sha256 }) => sha256 === file.sha256);
      assert.equal(same.length, 1, file.name);
      if (Buffer.byteLength(keys[index]) < 100) assert.equal(same[0].path, join(folder, keys[index]));
    }
  }
});
