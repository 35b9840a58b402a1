// What happens, as the values of the npm package's types. Numbers that are not there are NaN on their way here.

/**
 * @typedef {(event: object) => void} OnEvent
 * @typedef {import("./failure.js").Failure} Failure
 */

/** @param {number} value */
const known = value => (Number.isNaN(value) ? undefined : value);

/**
 * @param {number} loaded
 * @param {number} total
 * @param {number} fraction
 * @param {number} bytesPerSecond
 * @param {number} secondsLeft
 */
const numbers = (loaded, total, fraction, bytesPerSecond, secondsLeft) => ({ loaded, total, fraction, bytesPerSecond, secondsLeft: known(secondsLeft) });

/**
 * How far all files together are; a value to go into an event.
 *
 * @param {number} loaded
 * @param {number} total
 * @param {number} fraction
 * @param {number} bytesPerSecond
 * @param {number} secondsLeft
 * @param {number} done
 * @param {number} failed
 * @param {number} cancelled
 * @param {number} files
 */
export const all = (loaded, total, fraction, bytesPerSecond, secondsLeft, done, failed, cancelled, files) => ({
  ...numbers(loaded, total, fraction, bytesPerSecond, secondsLeft),
  files: { done, failed, cancelled, total: files },
});

/** @type {(tell: OnEvent, index: number) => void} */
export const started = (tell, index) => tell({ type: "start", index });

/** @type {(tell: OnEvent, index: number, loaded: number) => void} */
export const resumed = (tell, index, loaded) => tell({ type: "resume", index, loaded });

/** @type {(tell: OnEvent, index: number, error: Failure) => void} */
export const restarted = (tell, index, error) => tell({ type: "restart", index, error });

/** @type {(tell: OnEvent, index: number, part: number, attempt: number, delay: number, error: Failure) => void} */
export const retried = (tell, index, part, attempt, delay, error) => tell({ type: "retry", index, part: known(part), attempt, delay, error });

/**
 * @param {OnEvent} tell
 * @param {number} index
 * @param {number} loaded
 * @param {number} total
 * @param {number} fraction
 * @param {number} bytesPerSecond
 * @param {number} secondsLeft
 * @param {object} progress
 */
export const progressed = (tell, index, loaded, total, fraction, bytesPerSecond, secondsLeft, progress) =>
  tell({ type: "progress", index, file: { index, ...numbers(loaded, total, fraction, bytesPerSecond, secondsLeft) }, progress });

/**
 * @param {OnEvent} tell
 * @param {number} index
 * @param {object} progress
 * @param {{ key: string, etag?: string, type?: string, checksum?: object, receipt?: string, data?: unknown } | undefined} object
 * @param {Failure | undefined} error
 */
export const ended = (tell, index, progress, object, error) => {
  const { key, etag, type, checksum, receipt, data } = object ?? {};
  const result = error ? { status: "failed", error } : object ? { status: "done", key, etag, type, checksum, receipt, data } : { status: "cancelled" };
  tell({ type: "end", index, result, progress });
};
