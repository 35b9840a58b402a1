// Bytes of a file on their way to the store.
import { crcText, digest, hash } from "./digest.js";
import * as store from "./store.js";
import { base64 } from "./values.js";

/**
 * @typedef {import("./request.js").Endpoint & { patience: number, listens: boolean }} Endpoint
 *
 * @typedef {object} Grant
 * @property {string} key
 * @property {Record<string, string>} [headers] that are signed
 * @property {Record<string, string>} [fields] of a form
 * @property {number} [partSize]
 * @property {{ contentMd5?: boolean, md5AtComplete?: boolean, crc?: string, crcOnParts?: boolean }} [checksums]
 * @property {string} [contentMd5] of the whole, for whoever completes it
 *
 * @typedef {object} Piece a whole file, or one part of it
 * @property {Blob} blob
 * @property {number} from
 * @property {number} to
 * @property {Promise<import("./digest.js").Sums>} [sums]
 */

/**
 * @param {{ blob: Blob }} source
 * @param {number} from
 * @param {number} to
 * @returns {Piece}
 */
export const piece = ({ blob }, from, to) => ({ blob, from, to });

/**
 * Sums it up, and sends it. The answer is the sums, and what is known of the object if it is a whole file: its key, and the `ETag` if the page may
 * see it.
 *
 * @param {Endpoint} endpoint whose upload it is
 * @param {import("./digest.js").Hashes} hashes
 * @param {Piece} piece
 * @param {string} url
 * @param {Grant} grant
 * @param {(loaded: number) => void} onProgress is told 0 when it begins
 * @returns {import("./answer.js").Request}
 */
export function send({ patience, listens }, hashes, piece, url, grant, onProgress) {
  let abort = () => {};
  let wanted = true;
  const run = async () => {
    const { blob, from, to } = piece;
    const { key, headers, fields, partSize, checksums: { contentMd5, md5AtComplete, crc, crcOnParts } = {} } = grant;
    const md5 = Boolean(contentMd5 || md5AtComplete);
    // A part is recognized by its sums when the file is chosen again.
    if (partSize || md5) piece.sums ??= digest(blob, from, to, hash(hashes, md5, crc), () => wanted);
    const sums = await piece.sums;
    const text = sums && base64(sums.md5);
    if (md5AtComplete && text) grant.contentMd5 = text;
    const proofs = sums && {
      ...(contentMd5 && { "content-md5": text }),
      ...(crc && crcOnParts && { [`x-amz-checksum-${crc}`]: crcText(crc, sums.high, sums.low) }),
    };
    if (!wanted) return undefined;
    onProgress(0);
    const sending = store.send({ url, headers: { ...headers, ...proofs }, fields }, blob.slice(from, to), patience, listens, onProgress);
    abort = sending.abort;
    return { ...sums, key, etag: await sending.work };
  };
  const stop = () => {
    wanted = false;
    abort();
  };
  return { work: run(), abort: stop };
}
