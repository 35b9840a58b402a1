// The page in each of the states that its users see it in.
import { slowDown } from "./network.mjs";
import { button, selector, someProgress, uploadButton } from "./ui.mjs";

const file = (name, size) => ({ name, mimeType: "text/plain", buffer: Buffer.alloc(size) });

/** Name → how to bring a fresh page there. */
export const STATES = {
  empty: async () => {},

  selected: page => selector(page).setInputFiles([file("a.txt", 10), file("b.txt", 2_000_000)]),

  "mid-upload": async page => {
    await selector(page).setInputFiles([file("small.txt", 10), file("large.txt", 8_000_000)]);
    await slowDown(page, { bytesPerSecond: 500_000 });
    await uploadButton(page).click();
    await someProgress(page);
  },

  failed: async page => {
    await page.route(url => url.pathname.endsWith("broken.txt"), route => {
      const request = route.request();
      if (request.method() !== "PUT") return route.continue();
      return route.continue({ headers: { ...request.headers(), "content-type": "text/spoilt" } });
    });
    await selector(page).setInputFiles([file("good.txt", 10), file("broken.txt", 20)]);
    await uploadButton(page).click();
    await page.getByText(/Uploaded good\.txt\./).first().waitFor();
    await page.locator("[data-state=failed]").waitFor();
  },

  paused: async page => {
    await STATES["mid-upload"](page);
    await button(page, "Pause large.txt").click();
    await page.locator("[data-state=paused]").waitFor();
  },

  unfinished: async page => {
    // As if it had been left behind earlier: the browser remembers it, and no page is at it.
    await page.evaluate(async () => {
      await (await import("/presign-client/index.js")).pendingUploads(); // the database is there
      const remembered = { endpoint: new URL("/presignedUrl", location).href, name: "half a film.mp4", size: 40_000_000, type: "video/mp4", token: "none" };
      const lives = { partSize: 20_000_000, startedAt: Date.now(), expiresAt: Date.now() + 3_600_000 };
      const database = await new Promise(resolve => {
        const opening = indexedDB.open("presign-client");
        opening.onsuccess = () => resolve(opening.result);
      });
      const written = database.transaction(["uploads", "parts"], "readwrite");
      written.objectStore("uploads").add({ ...remembered, ...lives, id: 1 });
      written.objectStore("parts").add({ number: 1, sum: "" }, [1, 1]);
      await new Promise(resolve => (written.oncomplete = resolve));
      database.close();
    });
    await page.reload();
    await page.locator("#unfinished").getByText(/^50 % is there\. /).waitFor();
  },

  done: async page => {
    await selector(page).setInputFiles([file("a.txt", 10), file("a name that is longer than a telephone is wide ".repeat(4) + ".txt", 20)]);
    await uploadButton(page).click();
    await page.getByText("Handed in a.txt.").waitFor();
  },

  "not handed in": async page => {
    await page.route("**/files", route => route.fulfill({ status: 503 }));
    await selector(page).setInputFiles([file("a.txt", 10)]);
    await uploadButton(page).click();
    await page.locator(".proof[data-refused]").waitFor();
  },
};
