// What the page uploaded is handed in: to the application, which keeps what a receipt proves and believes nothing else.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arrange } from "../harness/arrange.mjs";
import { upload } from "../harness/client.mjs";
import { tabTo } from "../harness/keyboard.mjs";
import { allUploaded, button, row, selector, status, uploadButton } from "../harness/ui.mjs";

const file = (name, size = 1000, mimeType = "text/plain") => ({ name, mimeType, buffer: Buffer.alloc(size, name) });
const proof = (page, name) => row(page, name).locator(".proof");

async function uploadOn(page, ...files) {
  await selector(page).setInputFiles(files);
  await uploadButton(page).click();
}

describe("what was uploaded", () => {
  const demo = arrange("--multipart-threshold", "6000000", "--part-size", "5242880");

  const handIn = (form, headers = { "content-type": "application/json" }) =>
    fetch(`${demo.origin}/files`, { method: "POST", headers, body: typeof form === "string" ? form : JSON.stringify(form) });
  /** What the application keeps, by name. */
  const kept = async () => Object.fromEntries((await (await fetch(`${demo.origin}/files`)).json()).map(file => [file.name, file]));

  test("is handed in, in one piece or in parts, and the page shows what the application knows of it", async t => {
    const page = await demo.open(t);
    await uploadOn(page, file("a note.txt"), file("film.mp4", 6_500_000, "video/mp4"), file("empty.bin", 0, ""));
    await proof(page, "a note.txt").getByText("The application has it as a note.txt: 1000 bytes, text/plain, proven by its receipt.").waitFor();
    await proof(page, "film.mp4").getByText("The application has it as film.mp4: 6.2 MB, video/mp4, proven by its receipt.").waitFor();
    await proof(page, "empty.bin").getByText(/^The application has it as empty\.bin: 0 bytes, .+, proven/).waitFor();
    await status(page).getByText("Handed in film.mp4.").waitFor();

    const known = await kept();
    for (const [name, size] of [["a note.txt", 1000], ["film.mp4", 6_500_000], ["empty.bin", 0]]) {
      assert.equal(known[name].size, size, name);
      assert.equal((await demo.bucket.object(known[name].key))?.size, size, name);
    }
    page.watched.isQuiet();
  });

  test("is handed in again where that failed, by the keyboard too, and is one file there", async t => {
    const page = await demo.open(t);
    let failures = 0;
    await page.route("**/files", async route => {
      // The first is taken and its answer lost; the second gets as far as a proxy.
      if (failures++ === 0) return (await route.fetch(), route.abort());
      return failures === 2 ? route.fulfill({ status: 503, body: "busy" }) : route.continue();
    });
    await uploadOn(page, file("again.txt"));
    await proof(page, "again.txt").getByText("It could not be handed in. The application cannot be reached. You can try again.").waitFor();
    await allUploaded(page, ["again.txt"]);

    await tabTo(page, button(page, "Hand in again again.txt"));
    await page.keyboard.press("Enter");
    await proof(page, "again.txt").getByText("The application answered with status 503. You can try again.").waitFor();
    await status(page).getByText("Not handed in: again.txt. The application answered with status 503. You can try again.").waitFor();
    assert.notEqual(await page.evaluate(() => document.activeElement.tagName), "BODY");
    await button(page, "Hand in again again.txt").click();
    await proof(page, "again.txt").getByText(/proven by its receipt/).waitFor();
    assert.equal(await button(page, "Hand in again again.txt").count(), 0);
    assert.equal(await row(page, "again.txt").getAttribute("data-state"), "done");

    const files = await (await fetch(`${demo.origin}/files`)).json();
    assert.equal(files.filter(({ name }) => name === "again.txt").length, 1);
    assert.equal(page.watched.puts.length, 1, "it was sent again");
  });

  test("is not believed with a forged receipt, and the page says so", async t => {
    const page = await demo.open(t);
    await page.route("**/files", route => {
      const form = route.request().postDataJSON();
      return route.continue({ postData: JSON.stringify({ ...form, receipt: `${form.receipt.slice(0, -1)}${form.receipt.endsWith("A") ? "B" : "A"}` }) });
    });
    await uploadOn(page, file("forged.txt"));
    await proof(page, "forged.txt").getByText("It could not be handed in. Its receipt is not the server's own.").waitFor();
    await status(page).getByText("Not handed in: forged.txt. Its receipt is not the server's own.").waitFor();
    assert.equal(await button(page, "Hand in again forged.txt").count(), 0, "it would help nothing");
    assert.equal((await kept())["forged.txt"], undefined);
    page.watched.isQuiet({ failedAnswers: true });
  });

  test("is taken by its receipt alone, whatever else is said", async t => {
    const page = await demo.open(t);
    const { results: [{ key, receipt }] } = await upload(page, [{ name: "small.txt", seed: 1, size: 10, type: "text/plain" }]);
    const claimed = { name: "claimed.txt", key: "another", size: 1e9, type: "text/html" };
    const refused = async (form, code) => {
      const answer = await handIn(form);
      assert.deepEqual([answer.status >= 400 && answer.status < 500, answer.headers.get("content-type")], [true, "application/problem+json"], code);
      assert.equal((await answer.json()).code, code);
    };
    await refused({ ...claimed, receipt: "" }, "receipt_invalid");
    await refused(claimed, "receipt_invalid");
    await refused("{", "invalid_json");
    await refused({ ...claimed, receipt: "x".repeat(100_000) }, "body_too_large");
    // Neither is what the page gets for other ends.
    const [{ token }] = await demo.ask({ name: "token.txt", size: 1, type: "" });
    await refused({ ...claimed, receipt: token }, "receipt_invalid");
    assert.equal((await kept())["claimed.txt"], undefined);

    const answer = await handIn({ ...claimed, receipt });
    const file = await answer.json();
    assert.deepEqual([answer.status, file.name, file.key, file.size, file.type], [201, "claimed.txt", key, 10, "text/plain"]);
  });
});

describe("where nobody looks whether files arrive", () => {
  const demo = arrange("--unverified");

  test("the page uploads as ever, and has nothing to hand in", async t => {
    const page = await demo.open(t);
    await uploadOn(page, file("a.txt"), file("b.txt"));
    await allUploaded(page, ["a.txt", "b.txt"]);
    await row(page, "b.txt").getByText("Uploaded", { exact: true }).waitFor();
    assert.equal(await proof(page, "b.txt").textContent(), "");
    assert.deepEqual(page.watched.requests.filter(({ url }) => url.pathname === "/files"), []);
    assert.deepEqual(await (await fetch(`${demo.origin}/files`)).json(), []);
    page.watched.isQuiet();
  });
});
