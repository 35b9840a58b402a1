// How the functions of this folder answer: by calling back, once.

/**
 * What is called with the answer or with a failure.
 *
 * @typedef {(answer: unknown, failure?: unknown) => void} Done
 *
 * What aborts; nothing is called any more then.
 *
 * @typedef {() => void} Abort
 */

/**
 * Calls `done` with what comes of `work`, unless it is aborted before.
 *
 * @param {Promise<unknown>} work
 * @param {() => void} abort
 * @param {Done} done
 * @returns {Abort}
 */
export function answer(work, abort, done) {
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
