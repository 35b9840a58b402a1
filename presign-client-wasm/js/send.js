// Bytes of a file on their way to the store.
import { crcText, digest, hash } from "./digest.js";
import { put } from "./put.js";
import { base64 } from "./values.js";

/**
 * A whole file, or one part of it.
 *
 * @typedef {object} Piece
 * @property {Blob} blob
 * @property {number} from
 * @property {number} to
 * @property {boolean} isPart
 * @property {{ contentMd5?: boolean, crc?: string, crcOnParts?: boolean }} checksums as granted
 * @property {Promise<import("./digest.js").Sums>} [sums]
 */

/**
 * @param {{ blob: Blob }} source
 * @param {number} from
 * @param {number} to
 * @param {{ token?: string, checksums?: Piece["checksums"] }} grant
 * @returns {Piece}
 */
export const piece = ({ blob }, from, to, { token, checksums = {} }) => ({ blob, from, to, isPart: token !== undefined, checksums });

/**
 * Sums it up, and sends it. The answer is the `ETag`, if the page may see it, and the sums.
 *
 * @param {import("./digest.js").Hashes} hashes
 * @param {number} patience milliseconds without any progress that are a failure
 * @param {Piece} piece
 * @param {string} url
 * @param {{ headers?: Record<string, string> }} grant whose headers are signed
 * @param {(loaded: number) => void} onProgress is told 0 when it begins
 * @returns {import("./answer.js").Request}
 */
export function send(hashes, patience, piece, url, { headers }, onProgress) {
  let abort = () => {};
  let wanted = true;
  const run = async () => {
    const { blob, from, to, isPart, checksums: { contentMd5 = false, crc, crcOnParts } } = piece;
    // A part is recognized by its sums when the file is chosen again.
    if (isPart || contentMd5) piece.sums ??= digest(blob, from, to, hash(hashes, contentMd5, crc), () => wanted);
    const sums = await piece.sums;
    const proofs = sums && {
      ...(contentMd5 && { "content-md5": base64(sums.md5) }),
      ...(crc && crcOnParts && { [`x-amz-checksum-${crc}`]: crcText(crc, sums.high, sums.low) }),
    };
    if (!wanted) return undefined;
    onProgress(0);
    const sending = put(url, { ...headers, ...proofs }, blob.slice(from, to), patience, onProgress);
    abort = sending.abort;
    return { ...sums, etag: await sending.work };
  };
  const stop = () => {
    wanted = false;
    abort();
  };
  return { work: run(), abort: stop };
}
