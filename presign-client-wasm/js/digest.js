// Summing up a file's bytes, a little at a time.
import { unreadable } from "./failure.js";
import { base64 } from "./values.js";

/**
 * Takes bytes; and then, called with none, gives their sums.
 *
 * @typedef {(bytes?: Uint8Array) => Sums} Hash
 *
 * Makes one; `crc` counts from 1 in the order of `CRCS`, and 0 is none.
 * @typedef {(md5: boolean, crc: number) => Hash} Hashes
 *
 * @typedef {object} Sums
 * @property {Uint8Array} md5 empty if it was not asked for
 * @property {string} fingerprint what the same bytes are recognized by
 * @property {number} high of the CRC, the upper 32 bits
 * @property {number} low and the lower ones
 */

/** The protocol's names. */
const CRCS = ["crc64nvme", "crc32c", "crc32"];

/**
 * Of those checksums that are asked for.
 *
 * @param {Hashes} hashes
 * @param {boolean} md5
 * @param {string | undefined} crc
 */
export const hash = (hashes, md5, crc = "") => hashes(md5, CRCS.indexOf(crc) + 1);

/**
 * Which CRC the store is told of the whole, as `Hashes` counts them.
 *
 * @param {{ checksums?: { crc?: string } }} grant
 */
export const wholeCrc = ({ checksums }) => CRCS.indexOf(checksums?.crc ?? "") + 1;

/**
 * A CRC as it is sent: its bytes in base64.
 *
 * @param {string} crc
 * @param {number} high
 * @param {number} low
 */
export function crcText(crc, high, low) {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, high);
  view.setUint32(4, low);
  return base64(new Uint8Array(view.buffer, crc === CRCS[0] ? 0 : 4));
}

/**
 * Sums as `Hash` gives them. WebAssembly's numbers of 32 bits come with a sign.
 *
 * @param {Uint8Array} md5
 * @param {number} markHigh
 * @param {number} markLow
 * @param {number} high
 * @param {number} low
 */
export const sums = (md5, markHigh, markLow, high, low) => ({ md5: md5.slice(), fingerprint: `${markHigh >>> 0}.${markLow >>> 0}`, high: high >>> 0, low: low >>> 0 });

/** To sum up as many bytes keeps a page from answering its user for a few milliseconds. */
const SLICE = 1 << 20;

/**
 * The sums of the bytes of `blob` from `from` to before `to`. What is not `wanted` any more never ends.
 *
 * @param {Blob} blob
 * @param {number} from
 * @param {number} to
 * @param {Hash} take
 * @param {() => boolean} wanted
 * @returns {Promise<Sums>}
 */
export async function digest(blob, from, to, take, wanted) {
  try {
    const next = reader(blob.slice(from, to).stream());
    for (let bytes = await next(); bytes; bytes = await next(bytes)) {
      if (!wanted()) break;
      take(bytes);
    }
  } catch {
    throw unreadable();
  }
  return wanted() ? take() : new Promise(() => {});
}

/**
 * Reads slice by slice, into the same memory over and over where the browser can: what is read is gone with the next slice. Otherwise a page
 * would hold hundreds of megabytes until its garbage is collected.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 * @returns {(last?: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer> | undefined>}
 */
function reader(stream) {
  /** @type {ReadableStreamBYOBReader} */
  let filling;
  try {
    filling = stream.getReader({ mode: "byob" });
  } catch {
    // WebKit's blobs cannot.
    const giving = stream.getReader();
    return async () => (await giving.read()).value;
  }
  return async last => {
    const room = last ? new Uint8Array(last.buffer) : new Uint8Array(SLICE);
    const { done, value } = await filling.read(room, { min: SLICE });
    return done && !value?.length ? undefined : value;
  };
}
