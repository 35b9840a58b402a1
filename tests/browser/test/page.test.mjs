// The page as people use it: with the mouse, by dropping, with the keyboard alone.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { arrange } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { dropOn } from "../harness/drop.mjs";
import { temporaryFolder } from "../harness/folder.mjs";
import { focusShows, tabTo } from "../harness/keyboard.mjs";
import { slowDown } from "../harness/network.mjs";
import { allUploaded, button, recordGrants, row, selector, someProgress, status, uploadButton } from "../harness/ui.mjs";

const file = (name, size, mimeType = "text/plain") => ({ name, mimeType, buffer: Buffer.from(bytes(name.length, size)) });

describe("the page", () => {
  const demo = arrange();

  async function arrived(granted, { name, buffer }) {
    const { grant } = (await granted()).find(asked => asked.name === name);
    assert.equal((await demo.bucket.object(grant.key))?.sha256, sha256(buffer), name);
  }

  test("works with the keyboard alone", async t => {
    const page = await demo.open(t);
    const granted = recordGrants(page);
    const chosen = [file("first.txt", 10), file("second.txt", 20)];

    await tabTo(page, selector(page));
    assert.ok(await focusShows(page), "the focus on the selector cannot be seen");
    const chooser = page.waitForEvent("filechooser");
    await page.keyboard.press("Space");
    await (await chooser).setFiles(chosen);

    await tabTo(page, uploadButton(page));
    assert.ok(await focusShows(page), "the focus on the button cannot be seen");
    await page.keyboard.press("Enter");
    await allUploaded(page, chosen.map(({ name }) => name));
    for (const one of chosen) await arrived(granted, one);
    page.watched.isQuiet();
  });

  test("cancels with the keyboard, and the focus is not lost", async t => {
    const page = await demo.open(t);
    const before = await demo.bucket.keys();
    await selector(page).setInputFiles([file("large.bin", 20_000_000)]);
    await slowDown(page, { bytesPerSecond: 2_000_000 });
    await uploadButton(page).click();
    await someProgress(page);
    await tabTo(page, button(page, "Cancel large.bin"));
    await page.keyboard.press("Enter");
    await status(page).getByText("Cancelled large.bin.").waitFor();
    assert.equal(await row(page, "large.bin").getAttribute("data-state"), "cancelled");
    assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "BODY");
    assert.deepEqual(await demo.bucket.keys(), before);
  });

  test("takes what is dropped on it", async t => {
    const page = await demo.open(t);
    const granted = recordGrants(page);
    const dropped = file("dropped.txt", 3000);
    const transfer = await page.evaluateHandle(
      ({ name, contents }) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(contents)], name, { type: "text/plain" }));
        return transfer;
      },
      { name: dropped.name, contents: [...dropped.buffer] },
    );
    const zone = page.locator("#dropzone");
    await zone.dispatchEvent("dragenter", { dataTransfer: transfer });
    assert.equal(await zone.getAttribute("data-over"), "", "nothing shows that it would be taken");
    await zone.dispatchEvent("drop", { dataTransfer: transfer });
    assert.equal(await zone.getAttribute("data-over"), null);
    await row(page, dropped.name).waitFor();
    await uploadButton(page).click();
    await allUploaded(page, [dropped.name]);
    await arrived(granted, dropped);
  });

  test("takes the files of a dropped folder and of those in it", async t => {
    const page = await demo.open(t);
    const folder = await temporaryFolder("dropped");
    t.after(folder.remove);
    const inner = join(folder.path, "outer", "inner");
    await mkdir(join(folder.path, "outer", "empty"), { recursive: true });
    await mkdir(inner);
    // More than a browser gives at a time.
    const names = Array.from({ length: 120 }, (_, index) => `${index}.txt`);
    for (const name of names) await writeFile(join(inner, name), name);

    await dropOn(page, page.locator("#dropzone"), join(folder.path, "outer", "empty"));
    await page.getByRole("alert").getByText("There are no files in what was dropped.").waitFor();
    await dropOn(page, page.locator("#dropzone"), join(folder.path, "outer"));
    await row(page, "119.txt").waitFor();
    assert.deepEqual((await page.locator("#files .name").allTextContents()).sort(), names.sort());
    assert.equal(await page.getByRole("alert").textContent(), "");
    page.watched.isQuiet();
  });

  test("shows how far each file is, how fast, and how long it takes", async t => {
    const page = await demo.open(t);
    await selector(page).setInputFiles([file("small.bin", 10), file("large.bin", 20_000_000)]);
    await slowDown(page, { bytesPerSecond: 4_000_000 });
    await uploadButton(page).click();
    await row(page, "large.bin").getByText(/^[1-9]\d* %, [\d.]+ [kM]B\/s, \d+ s left$/).waitFor();
    await page.locator("#overall-text").getByText(/^1 of 2 uploaded, .+ of 19 MB, .+\/s, \d+ s left$/).waitFor();
  });

  test("one that is cancelled leaves the others alone", async t => {
    const page = await demo.open(t);
    const granted = recordGrants(page);
    const small = file("small.txt", 10);
    await selector(page).setInputFiles([small, file("large.bin", 8_000_000)]);
    await slowDown(page, { bytesPerSecond: 1_000_000 });
    await uploadButton(page).click();
    await someProgress(page);
    await button(page, "Cancel large.bin").click();
    await status(page).getByText("Cancelled large.bin.").waitFor();
    await allUploaded(page, [small.name]);
    await arrived(granted, small);
    assert.equal(await button(page, "Cancel all").count(), 0);
  });

  test("one that was cancelled can be uploaded after all", async t => {
    const page = await demo.open(t);
    const granted = recordGrants(page);
    const chosen = file("after-all.bin", 8_000_000);
    await selector(page).setInputFiles([chosen]);
    await slowDown(page, { bytesPerSecond: 2_000_000 });
    await uploadButton(page).click();
    await someProgress(page);
    await button(page, "Cancel after-all.bin").click();
    await status(page).getByText("Cancelled after-all.bin.").waitFor();
    const [{ grant: cancelled }] = await granted();

    await slowDown(page, { bytesPerSecond: -1 });
    await button(page, "Try again after-all.bin").click();
    await allUploaded(page, [chosen.name]);
    const [, { grant }] = await granted();
    assert.equal((await demo.bucket.object(grant.key))?.sha256, sha256(chosen.buffer));
    assert.equal(await demo.bucket.object(cancelled.key), undefined);
  });

  test("one that is removed is not uploaded", async t => {
    const page = await demo.open(t);
    const granted = recordGrants(page);
    await selector(page).setInputFiles([file("kept.txt", 10), file("removed.txt", 20)]);
    await button(page, "Remove removed.txt").click();
    await uploadButton(page).click();
    await allUploaded(page, ["kept.txt"]);
    assert.deepEqual((await granted()).map(({ name }) => name), ["kept.txt"]);
    assert.equal(await row(page, "removed.txt").count(), 0);
  });

  test("what may pass can be tried again by hand", async t => {
    const page = await demo.open(t);
    const granted = recordGrants(page);
    const busy = route =>
      route.request().method() === "POST"
        ? route.fulfill({ status: 429, headers: { "retry-after": "3600" }, contentType: "text/plain", body: "later" })
        : route.continue();
    await page.route("**/presignedUrl", busy);
    const chosen = file("again.txt", 100);
    await selector(page).setInputFiles([chosen]);
    await uploadButton(page).click();
    await status(page).getByText(/^Failed: again\.txt\. .*status 429.* You can try again\.$/).waitFor();

    await page.unroute("**/presignedUrl", busy);
    await button(page, "Try again again.txt").click();
    await allUploaded(page, [chosen.name]);
    await arrived(granted, chosen);
  });

  test("a double click uploads once, and is no mistake", async t => {
    const page = await demo.open(t);
    const granted = recordGrants(page);
    await selector(page).setInputFiles([file("large.bin", 2_000_000)]);
    await slowDown(page, { bytesPerSecond: 1_000_000 });
    await uploadButton(page).dblclick();
    assert.equal(await page.getByRole("alert").textContent(), "");
    await allUploaded(page, ["large.bin"]);
    assert.equal((await granted()).length, 1);
  });

  test("says that it waits for the network, and goes on when that is back", async t => {
    const page = await demo.open(t);
    await page.evaluate(async () => (await import("/presign-client/index.js")).upload([new File(["loads the engine"], "first.txt")]));
    await selector(page).setInputFiles([file("patient.txt", 10), file("cancelled.txt", 10)]);
    await page.context().setOffline(true);
    await uploadButton(page).click();
    for (const name of ["patient.txt", "cancelled.txt"]) await row(page, name).getByText(/^Waiting for the network: /).waitFor();
    await button(page, "Cancel cancelled.txt").click();
    await status(page).getByText("Cancelled cancelled.txt.").waitFor();
    await page.context().setOffline(false);
    await allUploaded(page, ["patient.txt"]);
  });

  test("results are announced to whoever cannot see them", async t => {
    const page = await demo.open(t);
    assert.equal(await page.getByRole("status").textContent(), "No uploads");
    await selector(page).setInputFiles([file("heard.txt", 10)]);
    await uploadButton(page).click();
    await page.getByRole("status").getByText("Uploaded heard.txt.").waitFor();
    assert.equal(await page.getByRole("progressbar", { name: "Progress of heard.txt" }).count(), 1);
  });
});

describe("the page where the server has limits", () => {
  const demo = arrange("--max-size", "1000", "--types", "image/*");

  test("says them, and why each file that breaks them is refused", async t => {
    const page = await demo.open(t);
    await page.getByText("Up to 1000 bytes each, image/*").waitFor();
    await selector(page).setInputFiles([
      file("large.png", 1001, "image/png"),
      file("text.txt", 10),
      file("good.png", 1000, "image/png"),
    ]);
    await uploadButton(page).click();
    await allUploaded(page, ["good.png"]);
    await status(page).getByText("Failed: large.png. The file has 1001 bytes; at most 1000 are allowed.").waitFor();
    await status(page).getByText("Failed: text.txt. The file is of type text/plain; allowed are: image/*.").waitFor();
    assert.equal(await page.getByRole("button", { name: /^Try again/ }).count(), 0, "it would help nothing");
  });
});
