// Waiting.

/**
 * Is done after so many milliseconds, or when the browser is online again, whichever is later.
 *
 * @param {number} milliseconds
 * @param {import("./answer.js").Done} done
 * @returns {import("./answer.js").Abort}
 */
export function wait(milliseconds, done) {
  const end = new AbortController();
  const timer = setTimeout(() => {
    // Only a browser knows that it is offline.
    if (globalThis.navigator?.onLine !== false) return done(undefined);
    addEventListener("online", () => done(undefined), { once: true, signal: end.signal });
  }, milliseconds);
  return () => {
    clearTimeout(timer);
    end.abort();
  };
}
