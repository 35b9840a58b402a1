// Pausing and going on, as people do it on the page.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { arrangeBehindProxy } from "../harness/arrange.mjs";
import { focusShows, tabTo } from "../harness/keyboard.mjs";
import { atRest, fileInParts, hold, IN_PARTS, untilParts } from "../harness/held-parts.mjs";
import { allUploaded, button, recordGrants, row, selector, someProgress, status, uploadButton } from "../harness/ui.mjs";

const inState = (page, name, state) => page.locator(`#files > [data-name="${name}"][data-state=${state}]`).waitFor();

describe("the page, pausing", () => {
  const demo = arrangeBehindProxy(...IN_PARTS);

  /** Chooses the files and uploads them; of each, the first part arrives and the others do not, until `letGo()`. */
  async function midway(t, ...files) {
    const page = await demo.open(t);
    const granted = recordGrants(page);
    const letGo = hold(demo.proxy, 2, 3, 4);
    t.after(letGo);
    await selector(page).setInputFiles(files.map(({ path }) => path));
    await uploadButton(page).click();
    await someProgress(page);
    const keys = [];
    for (const { name } of files) {
      let grant;
      while (!grant) grant = (await granted()).find(asked => asked.name === name)?.grant ?? (await after(50));
      await untilParts(demo.bucket, grant.key, [1]);
      keys.push(grant.key);
    }
    return { page, keys, letGo };
  }

  async function arrived(key, { name, sha256 }) {
    assert.equal((await demo.bucket.object(key))?.sha256, sha256, name);
  }

  test("nothing is sent while it is paused, and it arrives when it goes on", async t => {
    const large = await fileInParts(t, "large.bin", 1);
    const { page, keys: [key], letGo } = await midway(t, large);
    const brokenOff = [];
    page.on("requestfailed", request => request.method() === "PUT" && brokenOff.push(request));
    await button(page, "Pause large.bin").click();
    await inState(page, "large.bin", "paused");
    await row(page, "large.bin").getByText(/^Paused at \d+ %$/).waitFor();

    const count = demo.proxy.requests.length;
    await atRest(demo.proxy);
    assert.equal(demo.proxy.requests.length, count, "a request was made");
    assert.equal(brokenOff.length, 3, "what was on its way was not broken off");
    assert.deepEqual((await demo.bucket.uploads(key)).map(({ parts }) => parts.map(({ number }) => number)), [[1]]);
    assert.equal(await row(page, "large.bin").getAttribute("data-state"), "paused");

    letGo();
    await button(page, "Resume large.bin").click();
    await allUploaded(page, ["large.bin"]);
    await arrived(key, large);
    const ofFirst = ({ method, path, query }) => method === "PUT" && path.endsWith(key) && query.partNumber === "1";
    assert.equal(demo.proxy.requests.filter(ofFirst).length, 1, "what had arrived was sent again");
    page.watched.isQuiet();
  });

  test("with the keyboard alone, and the focus stays on the button", async t => {
    const large = await fileInParts(t, "keys.bin", 2);
    const { page, keys: [key], letGo } = await midway(t, large);
    await tabTo(page, button(page, "Pause keys.bin"));
    assert.ok(await focusShows(page), "the focus cannot be seen");
    await page.keyboard.press("Enter");
    await inState(page, "keys.bin", "paused");
    assert.ok(await button(page, "Resume keys.bin").evaluate(found => found === document.activeElement), "the focus is elsewhere");
    letGo();
    await page.keyboard.press("Enter");
    await allUploaded(page, ["keys.bin"]);
    await arrived(key, large);
    assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "BODY");
    page.watched.isQuiet();
  });

  test("all at once, and on again with the key pressed once more", async t => {
    const files = [await fileInParts(t, "one.bin", 3), await fileInParts(t, "another.bin", 4)];
    const { page, keys, letGo } = await midway(t, ...files);
    await button(page, "Pause all").focus();
    await page.keyboard.press("Enter");
    for (const { name } of files) await inState(page, name, "paused");
    await page.locator("#overall-text").getByText(/^0 of 2 uploaded, 2 paused, /).waitFor();
    assert.equal(await button(page, "Pause all").count(), 0);
    assert.ok(await button(page, "Resume all").evaluate(found => found === document.activeElement), "the focus is elsewhere");
    letGo();
    await page.keyboard.press("Enter");
    await allUploaded(page, files.map(({ name }) => name));
    for (const [at, key] of keys.entries()) await arrived(key, files[at]);
    assert.equal(await button(page, "Resume all").count(), 0);
  });

  test("one of them alone: the other arrives", async t => {
    const files = [await fileInParts(t, "stays.bin", 5), await fileInParts(t, "goes.bin", 6)];
    const { page, keys, letGo } = await midway(t, ...files);
    await button(page, "Pause stays.bin").click();
    await inState(page, "stays.bin", "paused");
    letGo();
    await allUploaded(page, ["goes.bin"]);
    await arrived(keys[1], files[1]);
    assert.equal(await row(page, "stays.bin").getAttribute("data-state"), "paused");
    await button(page, "Resume all").click();
    await allUploaded(page, ["stays.bin"]);
    await arrived(keys[0], files[0]);
  });

  test("one that is paused can be cancelled, and nothing of it stays", async t => {
    const { page, keys: [key] } = await midway(t, await fileInParts(t, "given-up.bin", 7));
    await button(page, "Pause given-up.bin").click();
    await inState(page, "given-up.bin", "paused");
    await button(page, "Cancel given-up.bin").click();
    await status(page).getByText("Cancelled given-up.bin.").waitFor();
    while ((await demo.bucket.uploads(key)).length) await after(50);
    assert.equal(await demo.bucket.object(key), undefined);
  });

  test("whoever leaves while it is paused is asked", async t => {
    const { page } = await midway(t, await fileInParts(t, "asked.bin", 8));
    await button(page, "Pause asked.bin").click();
    await inState(page, "asked.bin", "paused");
    const asked = page.waitForEvent("dialog");
    const leaving = page.close({ runBeforeUnload: true });
    const dialog = await asked;
    assert.equal(dialog.type(), "beforeunload");
    await dialog.dismiss();
    await leaving;
    assert.equal(await row(page, "asked.bin").getAttribute("data-state"), "paused");
  });
});
