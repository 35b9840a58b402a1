// The page in each of the states that its users see it in.
import { slowDown } from "./network.mjs";
import { allUploaded, selector, someProgress, uploadButton } from "./ui.mjs";

const file = (name, size) => ({ name, mimeType: "text/plain", buffer: Buffer.alloc(size) });

/** Name → how to bring a fresh page there. */
export const STATES = {
  empty: async () => {},

  selected: page => selector(page).setInputFiles([file("a.txt", 10), file("b.txt", 2_000_000)]),

  "mid-upload": async page => {
    await selector(page).setInputFiles([file("small.txt", 10), file("large.txt", 30_000_000)]);
    await slowDown(page, { bytesPerSecond: 2_000_000 });
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

  done: async page => {
    await selector(page).setInputFiles([file("a.txt", 10), file("a name that is longer than a telephone is wide ".repeat(4) + ".txt", 20)]);
    await uploadButton(page).click();
    await page.getByText(/Uploaded a\.txt\./).first().waitFor();
  },
};
