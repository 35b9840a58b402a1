// Summing up a file's bytes, a little at a time.
import { unreadable } from "./failure.js";

/**
 * Takes bytes; and then, called with none, gives their sums.
 *
 * @typedef {(bytes?: Uint8Array) => Sums} Hash
 *
 * Makes one. Which CRC is a name of the protocol's.
 * @typedef {(md5: boolean, crc: string | undefined) => Hash} Hashes
 *
 * @typedef {object} Sums
 * @property {Uint8Array | undefined} md5
 * @property {string} fingerprint what the same bytes are recognized by
 * @property {string | undefined} crc as it is sent
 * @property {number} high of the CRC as a number, the upper 32 bits
 * @property {number} low and the lower ones
 */

/** To read and sum up as many bytes keeps a page from answering its user for a few milliseconds. */
const SLICE = 1 << 20;

/**
 * The sums of the bytes of `blob` from `from` to before `to`. What is not `wanted` any more never ends.
 *
 * @param {Blob} blob
 * @param {number} from
 * @param {number} to
 * @param {Hash} hash
 * @param {() => boolean} wanted
 * @returns {Promise<Sums>}
 */
export async function digest(blob, from, to, hash, wanted) {
  /** @param {number} at */
  const slice = at => {
    const bytes = at < to ? blob.slice(at, Math.min(at + SLICE, to)).arrayBuffer() : undefined;
    bytes?.catch(() => {}); // whoever awaits it is told
    return bytes;
  };
  let next = slice(from);
  for (let at = from + SLICE; next; at += SLICE) {
    const bytes = await next.catch(() => {
      throw unreadable();
    });
    // The one after is read while this one is summed up.
    next = slice(at);
    if (!wanted()) return new Promise(() => {});
    hash(new Uint8Array(bytes));
  }
  return hash();
}
