// The client as a page's own script calls it: `import { upload } from "/presign-client/index.js"`.

/**
 * Uploads files with these contents from the page and gives what came of it: the results, without their `File`s, and every
 * event. Each file is `{ name, seed, size, type? }`, its contents `bytes(seed, size)`.
 */
export function upload(page, files, options = {}) {
  return page.evaluate(
    async ({ files, options }) => {
      const { upload } = await import("/presign-client/index.js");
      const selected = files.map(({ name, seed, size, type = "" }) => new File([bytes(seed, size)], name, { type }));
      const events = [];
      const task = upload(selected, { ...options, onEvent: event => events.push(event) });
      const results = await task;
      const plain = ({ file, ...rest }, index) => ({ ...rest, sameFile: file === selected[index] });
      return {
        results: results.map(plain),
        events: events.map(event => (event.type === "end" ? { ...event, result: plain(event.result, event.index) } : event)),
      };
    },
    { files, options },
  );
}
