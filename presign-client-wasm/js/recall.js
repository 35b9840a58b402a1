// Going on with what was begun earlier, perhaps before the page was closed.
//
// That a file has the name and the size of one that was sent in part says nothing: its bytes are compared with the checksums of the parts
// that were sent. What the store has decides what is left to send.
import { digest, hash } from "./digest.js";
import { failure, isLost } from "./failure.js";
import { pending, rememberedParts, rememberPart, remove, take } from "./pending.js";
import { askHowFar } from "./request.js";
import { hex } from "./values.js";

/**
 * @typedef {import("./pending.js").Pending} Pending
 * @typedef {import("./request.js").Endpoint} Endpoint
 * @typedef {import("./request.js").Source} Source
 *
 * @typedef {object} Found a grant of the upload that has no URLs, and what is known of its parts
 * @property {import("./pending.js").Memory} memory
 * @property {{ number: number, high: number, low: number }[]} sent
 */

/**
 * Which uploads each of the sources may be, if any: those of its name, size, type and metadata, or, where the caller names the one that it means, of its size.
 * The answer is a list for each.
 *
 * @param {string} url
 * @param {Source[]} sources
 * @param {number | undefined} only
 * @returns {import("./answer.js").Request}
 */
export function recall(url, sources, only) {
  const find = async () => {
    const known = await pending(url);
    return sources.map(({ name, blob, metadata }) =>
      known.filter(({ id, ...upload }) => {
        const like = upload.name === name && upload.type === blob.type && upload.metadata === JSON.stringify(metadata);
        return upload.size === blob.size && (only === undefined ? like : id === only);
      }),
    );
  };
  return { work: find(), abort() {} };
}

/**
 * Goes on with the first of `uploads` that is of the same bytes. The answer is a grant of it, without URLs but with what is `Found`; or
 * `{ error }`, why none is; or nothing, where other tabs are at them.
 *
 * @param {Endpoint} endpoint
 * @param {Source} source
 * @param {Pending[]} uploads
 * @param {import("./digest.js").Hashes} hashes
 * @param {(bytes: number) => void} onFound is told of bytes that need not be sent; 0 takes back what it was told before
 * @returns {import("./answer.js").Request}
 */
export function goOn(endpoint, { blob }, uploads, hashes, onFound) {
  let wanted = true;
  /** @type {(() => void) | undefined} */
  let release;
  const run = async () => {
    let error;
    for (const upload of uploads) {
      const memory = await take(upload.id);
      if (!memory) continue;
      ({ release } = memory);
      try {
        if (!wanted) return undefined;
        const found = await compare(endpoint, blob, upload, hashes, () => wanted, onFound);
        if (!("code" in found)) {
          // From now on it is released with the grant.
          if (wanted) release = undefined;
          return { ...found, memory };
        }
        error = found;
      } finally {
        release?.();
      }
    }
    return error && { error };
  };
  // What is not wanted any more may never come to its end, but must be free for whoever is next.
  const abort = () => {
    wanted = false;
    release?.();
  };
  return { work: run(), abort };
}

/**
 * @param {Endpoint} endpoint
 * @param {Blob} blob
 * @param {Pending} upload
 * @param {import("./digest.js").Hashes} hashes
 * @param {() => boolean} wanted
 * @param {(bytes: number) => void} onFound
 */
async function compare(endpoint, blob, { id, token }, hashes, wanted, onFound) {
  const grant = await askHowFar(endpoint, token).work.catch((/** @type {import("./failure.js").Failure} */ error) => {
    if (error.retryable) throw error;
    if (isLost(error)) remove(id);
    return error;
  });
  if ("code" in grant) return grant;
  const { partSize, checksums, parts } = grant;
  const known = new Map((await rememberedParts(id)).map(({ number, sum }) => [number, sum]));
  if (wanted()) onFound(0);
  const sent = [];
  for (const { number, size, etag } of parts) {
    const from = (number - 1) * partSize;
    const to = Math.min(from + partSize, blob.size);
    // Of another size than it should be, it is sent again.
    if (size !== to - from || !wanted()) continue;
    const sum = known.get(number);
    const { fingerprint, md5, high, low } = await digest(blob, from, to, hash(hashes, sum === undefined, checksums?.crc), wanted);
    if (sum === undefined) {
      // Sent, but the page was closed before that was remembered. Of most stores the ETag is the MD5; otherwise it is sent again.
      if (etag !== hex(md5)) continue;
      rememberPart(id, number, fingerprint);
    } else if (sum !== fingerprint) {
      return failure("different_file", "Another file of the same name and size was sent in part earlier. This one is uploaded from its beginning.");
    }
    sent.push({ number, high, low });
    if (wanted()) onFound(size);
  }
  return { ...grant, method: "multipart", token, parts: [], freshUntil: 0, sent };
}
