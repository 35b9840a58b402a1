// Uploads that were broken off when the page was closed, as people find them on the page again.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { arrangeBehindProxy } from "../harness/arrange.mjs";
import { dropOn } from "../harness/drop.mjs";
import { tabTo } from "../harness/keyboard.mjs";
import { fileInParts, hold, IN_PARTS, sentIn, SIZE, untilParts } from "../harness/parts.mjs";
import { allUploaded, button, recordGrants, row, selector, status, uploadButton } from "../harness/ui.mjs";

const unfinished = (page, name) => page.locator(`#unfinished-list > [data-name="${name}"]`);

/** Whether the browser remembers so many parts of uploads. */
const partsRemembered = count =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open("presign-client");
    opening.onerror = reject;
    opening.onsuccess = () => {
      const counting = opening.result.transaction("parts").objectStore("parts").count();
      counting.onsuccess = () => {
        opening.result.close();
        resolve(counting.result === count);
      };
    };
  });

describe("the page, after it was closed midway", () => {
  const demo = arrangeBehindProxy(...IN_PARTS);

  /** Uploads what `choose(page)` brings onto it, and loads the page again when the first two of four parts have arrived. */
  async function brokenOff(t, name, choose) {
    const page = await demo.open(t);
    const granted = recordGrants(page);
    const letGo = hold(demo.proxy, 3, 4);
    t.after(letGo);
    await choose(page);
    await uploadButton(page).click();
    let grant;
    while (!grant) grant = (await granted()).find(asked => asked.name === name)?.grant ?? (await after(50));
    await untilParts(demo.bucket, grant.key, [1, 2]);
    await page.waitForFunction(partsRemembered, 2);
    await page.reload();
    letGo();
    await unfinished(page, name).waitFor();
    return { page, key: grant.key, from: demo.proxy.requests.length };
  }

  const chosen = one => page => selector(page).setInputFiles(one.path);

  /** Resumes it, and chooses `one` when asked. */
  async function resumeWith(page, name, one) {
    const chooser = page.waitForEvent("filechooser");
    await button(page, `Resume ${name}`).click();
    await (await chooser).setFiles(one.path);
  }

  test("it is listed, and goes on when the file is chosen again", async t => {
    const one = await fileInParts(t, "film.bin", 1);
    const { page, key, from } = await brokenOff(t, one.name, chosen(one));
    const item = unfinished(page, one.name);
    assert.match(await item.locator(".state").textContent(), /^52 % is there\. Begun .*20\d\d.*, can go on until .*20\d\d.*\.$/);
    assert.equal(await item.locator(".size").textContent(), "19 MB");

    await resumeWith(page, one.name, one);
    await allUploaded(page, [one.name]);
    assert.equal((await demo.bucket.object(key)).sha256, one.sha256);
    const sent = sentIn(demo.proxy.requests.slice(from));
    assert.ok(sent > 0 && sent < SIZE / 2, `${sent} bytes were sent`);
    assert.equal(await row(page, one.name).locator(".note").textContent(), "Continued at 52 %.");
    await status(page).getByText("film.bin: Continued at 52 %.").waitFor();
    await page.locator("#unfinished").waitFor({ state: "hidden" });
    await page.reload();
    await page.getByText("Up to").waitFor();
    assert.equal(await page.locator("#unfinished").isVisible(), false);
    page.watched.isQuiet();
  });

  test("with the keyboard alone, and the focus goes to the file", async t => {
    const one = await fileInParts(t, "keys.bin", 2);
    const { page, key } = await brokenOff(t, one.name, chosen(one));
    const chooser = page.waitForEvent("filechooser");
    await tabTo(page, button(page, "Resume keys.bin"));
    await page.keyboard.press("Enter");
    await (await chooser).setFiles(one.path);
    await row(page, one.name).waitFor();
    assert.ok(await row(page, one.name).evaluate(found => found === document.activeElement), "the focus is elsewhere");
    await allUploaded(page, [one.name]);
    assert.equal((await demo.bucket.object(key)).sha256, one.sha256);
  });

  test("it goes on by itself when the same file is uploaded again", async t => {
    const one = await fileInParts(t, "again.bin", 3);
    const { page, key, from } = await brokenOff(t, one.name, chosen(one));
    await selector(page).setInputFiles(one.path);
    await uploadButton(page).click();
    await allUploaded(page, [one.name]);
    assert.equal((await demo.bucket.object(key)).sha256, one.sha256);
    assert.ok(sentIn(demo.proxy.requests.slice(from)) < SIZE / 2);
    await page.locator("#unfinished").waitFor({ state: "hidden" });
  });

  test("a file that was dropped need not be chosen again where the browser may read it", async t => {
    const one = await fileInParts(t, "dropped.bin", 4);
    const { page, key, from } = await brokenOff(t, one.name, async page => {
      await dropOn(page, page.locator("#dropzone"), one.path);
      await row(page, one.name).waitFor();
    });
    let asked = 0;
    page.on("filechooser", () => asked++);
    await button(page, `Resume ${one.name}`).click();
    await allUploaded(page, [one.name]);
    assert.equal(asked, 0);
    assert.equal((await demo.bucket.object(key)).sha256, one.sha256);
    assert.ok(sentIn(demo.proxy.requests.slice(from)) < SIZE / 2);
    page.watched.isQuiet();
  });

  test("a file of another size is not taken for it, and nothing is sent", async t => {
    const one = await fileInParts(t, "right.bin", 5);
    const { page, from } = await brokenOff(t, one.name, chosen(one));
    await resumeWith(page, one.name, await fileInParts(t, "wrong.bin", 6, 1000));
    await unfinished(page, one.name).getByText(`wrong.bin is another file: it has 1000 bytes, and right.bin had ${SIZE}. Choose it again.`).waitFor();
    assert.equal(sentIn(demo.proxy.requests.slice(from)), 0);
    await resumeWith(page, one.name, one);
    await allUploaded(page, [one.name]);
  });

  test("another file of the same name and size arrives whole, and that is said", async t => {
    const [one, other] = [await fileInParts(t, "twin.bin", 7), await fileInParts(t, "twin.bin", 8)];
    const { page, key, from } = await brokenOff(t, one.name, chosen(one));
    const granted = recordGrants(page);
    await resumeWith(page, one.name, other);
    await row(page, one.name).getByText(/^Sent from its beginning\. Another file of the same name and size/).waitFor();
    await allUploaded(page, [one.name]);
    const [{ grant }] = await granted();
    assert.notEqual(grant.key, key);
    assert.equal((await demo.bucket.object(grant.key)).sha256, other.sha256);
    assert.equal(sentIn(demo.proxy.requests.slice(from)), SIZE);
    await unfinished(page, one.name).waitFor(); // the first one can still go on
    assert.equal((await demo.bucket.uploads(key)).length, 1);
  });

  test("one that the store has lost is sent anew, and that is said", async t => {
    const one = await fileInParts(t, "lost.bin", 11);
    const { page, key, from } = await brokenOff(t, one.name, chosen(one));
    for (const upload of await demo.bucket.uploads(key)) await demo.bucket.abort(upload);
    const granted = recordGrants(page);
    await resumeWith(page, one.name, one);
    await row(page, one.name).getByText(/^Sent from its beginning\. ./).waitFor();
    await allUploaded(page, [one.name]);
    const [{ grant }] = await granted();
    assert.equal((await demo.bucket.object(grant.key)).sha256, one.sha256);
    assert.equal(sentIn(demo.proxy.requests.slice(from)), SIZE);
    await page.locator("#unfinished").waitFor({ state: "hidden" });
  });

  test("it can be discarded, and nothing of it stays", async t => {
    const one = await fileInParts(t, "discarded.bin", 9);
    const { page, key } = await brokenOff(t, one.name, chosen(one));
    await button(page, "Discard discarded.bin").focus();
    await page.keyboard.press("Enter");
    await status(page).getByText("Discarded discarded.bin.").waitFor();
    assert.deepEqual(await demo.bucket.uploads(key), []);
    assert.equal(await page.locator("#unfinished").isVisible(), false);
    assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "BODY");
    page.watched.isQuiet();
  });

  test("one that cannot be discarded just now stays, and that is said", async t => {
    const one = await fileInParts(t, "unreached.bin", 10);
    const { page, key } = await brokenOff(t, one.name, chosen(one));
    await page.context().setOffline(true);
    await button(page, "Discard unreached.bin").click();
    await unfinished(page, one.name).getByText(/^It could not be discarded\. .+ You can try again\.$/).waitFor();
    await page.context().setOffline(false);
    assert.equal((await demo.bucket.uploads(key)).length, 1);
    await button(page, "Discard unreached.bin").click();
    await status(page).getByText("Discarded unreached.bin.").waitFor();
    assert.deepEqual(await demo.bucket.uploads(key), []);
  });
});
