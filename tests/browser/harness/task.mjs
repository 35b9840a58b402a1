// An upload of files on the disk that goes on in a page while the test does something else.
import { eventually } from "./eventually.mjs";

/** Puts the files into an input of the page, as its user does. */
export async function choose(page, ...paths) {
  await page.evaluate(() => {
    document.querySelector("#own")?.remove();
    document.body.append(Object.assign(document.createElement("input"), { type: "file", multiple: true, id: "own" }));
  });
  await page.locator("#own").setInputFiles(paths);
}

/** Chooses the files and begins to upload them. The page has it as `running`: `{ task, events }`. */
export async function begin(page, paths, options = {}) {
  await choose(page, ...paths);
  await page.evaluate(async options => {
    const { upload } = await import("/presign-client/index.js");
    const events = [];
    const task = upload(document.querySelector("#own").files, { ...options, onEvent: event => events.push(event) });
    globalThis.running = { task, events };
  }, options);
}

/** The same with the first upload that is pending, in place of a new one. */
export async function goOn(page, path, options = {}) {
  await choose(page, path);
  await page.evaluate(async options => {
    const { pendingUploads } = await import("/presign-client/index.js");
    const [first] = await pendingUploads();
    const events = [];
    const task = first.resume(document.querySelector("#own").files[0], { ...options, onEvent: event => events.push(event) });
    globalThis.running = { task, events };
  }, options);
}

/** What came of it, without the `File`s. */
export const results = page => page.evaluate(async () => (await running.task).map(({ file, ...rest }) => rest));

/** What has happened so far, of one type or of all. */
export const events = (page, type) =>
  page.evaluate(
    type => {
      const told = running.events.filter(event => type === undefined || event.type === type);
      return told.map(({ result: { file, ...result } = {}, ...event }) => (event.type === "end" ? { ...event, result } : event));
    },
    type,
  );

/** Waits for an event of the type. */
export const happens = (page, type) => eventually(() => page.evaluate(type => running.events.some(event => event.type === type), type), type);

/** What can be resumed, without its functions. */
export const pending = page =>
  page.evaluate(async () => {
    const { pendingUploads } = await import("/presign-client/index.js");
    return (await pendingUploads()).map(({ name, size, type, loaded, startedAt, expiresAt }) => ({ name, size, type, loaded, startedAt, expiresAt }));
  });

/** What the browser remembers of uploads: how many, and of how many of their parts. */
export const remembered = page =>
  page.evaluate(async () => {
    if (!(await indexedDB.databases()).some(({ name }) => name === "presign-client")) return { uploads: 0, parts: 0 };
    const result = request => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: reject }));
    const database = await result(indexedDB.open("presign-client"));
    const transaction = database.transaction(["uploads", "parts"]);
    const [uploads, parts] = await Promise.all(["uploads", "parts"].map(store => result(transaction.objectStore(store).count())));
    database.close();
    return { uploads, parts };
  });
