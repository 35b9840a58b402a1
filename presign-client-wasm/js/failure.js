// What a failed request is rejected with: an `UploadError` of the npm package, and how long the server asks to wait.

/**
 * @typedef {object} Details
 * @property {number} [status] the HTTP status, if there was an answer
 * @property {string | undefined} [storeCode] the store's own word for the error
 * @property {string | undefined} [requestId] the store's name for the request
 *
 * @typedef {object} Failure
 * @property {string} code
 * @property {string} message
 * @property {boolean} retryable
 * @property {number | undefined} status
 * @property {string | undefined} storeCode
 * @property {string | undefined} requestId
 * @property {number | undefined} [retryAfter] milliseconds
 * @property {number[] | undefined} [missingParts]
 */

const PASSING = ["network", "internal", "credentials_unavailable", "store_failed", "hook_timed_out", "body_too_slow"];

/**
 * What S3 says with a status that is none of those that pass: the body came too slowly; an earlier attempt at the same key is not over yet;
 * the bytes changed on their way.
 * Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
const STORE_PASSING = /^(RequestTimeout|ConditionalRequestConflict|BadDigest|InvalidDigest|XAmzContent.*Mismatch)$/;

/**
 * What may pass is retryable: no answer; a status of 408, 429 or 5xx, or one file's refusal that would be a 5xx for a whole request; and
 * some of S3's errors.
 *
 * @param {string} code
 * @param {string} message
 * @param {Details} [details]
 * @returns {Failure}
 */
export function failure(code, message, { status, storeCode, requestId } = {}) {
  const passes = status === undefined ? PASSING.includes(code) : status >= 500 || status === 408 || status === 429;
  return { code, message, retryable: passes || STORE_PASSING.test(storeCode ?? ""), status, storeCode, requestId };
}

export const unreadable = () =>
  failure("file_unreadable", "The file cannot be read: it was moved, deleted or changed since it was chosen, or it is a folder. Choose it again.");

/** The server cannot go on with an upload. */
const LOST = /^(upload_gone|object_missing|token_\w+)$/;

/** What the store has of an upload is of no use. */
const USELESS = /^(\w+_mismatch|object_exists)$/;

/** @param {Failure} failure */
export const isLost = ({ code, storeCode }) => LOST.test(code) || storeCode === "NoSuchUpload";

/**
 * One request may ask for no more than a certain number of files.
 *
 * @param {Failure} failure
 */
const isTooMany = ({ code }) => code === "too_many_files";

/**
 * The request was too large. One for fewer files may not be.
 *
 * @param {Failure} failure
 */
export const asksForFewer = failure => isTooMany(failure) || failure.status === 413;

/**
 * What is to be done about a failure, as `src/error.rs` names the bits.
 *
 * @param {Failure} failure
 */
export function remedies(failure) {
  const { code, status, retryable } = failure;
  const bits = [
    isTooMany(failure),
    asksForFewer(failure),
    // A presigned URL may have expired: stores have many words for it.
    (status === 400 || status === 403) && !retryable,
    isLost(failure),
    isLost(failure) || USELESS.test(code),
    retryable,
  ];
  return bits.reduce((sum, bit, index) => sum | (Number(bit) << index), 0);
}

/** The server's answers contradict each other, or lack something. */
export const incomplete = () => failure("unexpected_answer", "The server's answer is not complete.");
