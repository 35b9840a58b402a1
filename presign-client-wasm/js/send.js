// Bytes of a file on their way to the store.
import { crcText, digest, hash } from "./digest.js";
import { put } from "./put.js";
import { base64 } from "./values.js";

/**
 * What all requests of an upload to the store share.
 *
 * @typedef {object} Line
 * @property {number} free how many may still be begun
 * @property {(() => void)[]} waiting
 * @property {number} patience milliseconds without any progress that are a failure
 * @property {import("./digest.js").Hashes} hashes
 *
 * A whole file, or one part of it.
 * @typedef {object} Piece
 * @property {Blob} blob
 * @property {number} from
 * @property {number} to
 * @property {{ contentMd5?: boolean, crc?: string, crcOnParts?: boolean } | undefined} checksums as granted
 * @property {Promise<import("./digest.js").Sums> | undefined} [sums]
 */

/**
 * @param {number} free
 * @param {number} patience
 * @param {import("./digest.js").Hashes} hashes
 * @returns {Line}
 */
export const line = (free, patience, hashes) => ({ free, waiting: [], patience, hashes });

/**
 * @param {{ blob: Blob }} source
 * @param {number} from
 * @param {number} to
 * @param {{ checksums?: Piece["checksums"] }} grant
 * @returns {Piece}
 */
export const piece = ({ blob }, from, to, { checksums }) => ({ blob, from, to, checksums });

/**
 * Sends it: sums it up first, while others are sent, and then waits for its turn. The answer is the `ETag`, if the page may see it, and the
 * sums.
 *
 * @param {Line} line
 * @param {Piece} piece
 * @param {string} url
 * @param {{ headers?: Record<string, string> }} grant whose headers are signed
 * @param {(loaded: number) => void} onProgress is told 0 when it begins
 * @returns {import("./answer.js").Request}
 */
export function send(line, piece, url, { headers }, onProgress) {
  let wanted = true;
  /** @type {(() => void) | undefined} */
  let abortPut;
  const run = async () => {
    const { blob, from, to, checksums: { contentMd5 = false, crc, crcOnParts } = {} } = piece;
    const sums = await (piece.sums ??= digest(blob, from, to, hash(line.hashes, contentMd5, crc), () => wanted));
    const proofs = {
      ...(contentMd5 && { "content-md5": base64(sums.md5) }),
      ...(crc && crcOnParts && { [`x-amz-checksum-${crc}`]: crcText(crc, sums.high, sums.low) }),
    };
    if (line.free) line.free -= 1;
    else await new Promise(resolve => line.waiting.push(() => resolve(undefined)));
    try {
      if (!wanted) return undefined;
      onProgress(0);
      const { work, abort } = put(url, { ...headers, ...proofs }, blob.slice(from, to), line.patience, onProgress);
      abortPut = abort;
      return { ...sums, etag: await work };
    } finally {
      const next = line.waiting.shift();
      if (next) next();
      else line.free += 1;
    }
  };
  const abort = () => {
    wanted = false;
    abortPut?.();
  };
  return { work: run(), abort };
}
