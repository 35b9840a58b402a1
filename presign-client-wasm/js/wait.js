// Waiting.

/**
 * Ends after so many milliseconds, or when the browser is online again, whichever is later.
 *
 * @param {number} milliseconds
 * @returns {import("./answer.js").Request}
 */
export function wait(milliseconds) {
  const end = new AbortController();
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const work = new Promise(resolve => {
    timer = setTimeout(() => {
      // Only a browser knows that it is offline.
      if (globalThis.navigator?.onLine !== false) return resolve(undefined);
      addEventListener("online", resolve, { once: true, signal: end.signal });
    }, milliseconds);
  });
  const abort = () => {
    clearTimeout(timer);
    end.abort();
  };
  return { work, abort };
}
