// How the requests of this folder answer: by calling back, once.

/**
 * Something under way. What is aborted never ends.
 *
 * @typedef {{ work: Promise<unknown>, abort: () => void }} Request
 */

/**
 * Calls `done` with the answer, or with a failure in its second place. What is returned aborts the request; `done` is not called any more
 * then.
 *
 * @param {Request} request
 * @param {(answer: unknown, failure?: unknown) => void} done
 * @returns {() => void}
 */
export function answer({ work, abort }, done) {
  let awaited = true;
  work.then(
    answer => awaited && done(answer),
    failure => awaited && done(undefined, failure),
  );
  return () => {
    awaited = false;
    abort();
  };
}
