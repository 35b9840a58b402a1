// Completing what was sent: many uploads by few requests.
import { crcText } from "./digest.js";
import { asksForFewer } from "./failure.js";
import { kept } from "./pending.js";
import { askToComplete } from "./request.js";

/**
 * @typedef {import("./request.js").Endpoint} Endpoint
 * @typedef {import("./pending.js").Memory} Memory
 * @typedef {{ token: string, contentMd5?: string, checksums?: { crc?: string }, memory?: Memory }} Grant
 *
 * @typedef {object} Waiting
 * @property {Grant} grant
 * @property {string | undefined} checksum
 * @property {(object: any) => void} settle
 *
 * @typedef {object} Queue
 * @property {Set<Waiting>} waiting
 * @property {number} times how often uploads were asked for before
 * @property {ReturnType<typeof setTimeout>} [timer]
 */

/** Uploads in one request. A server that takes fewer says so. */
const MOST = 100;

/**
 * Milliseconds that an upload waits for others: not long at first, for whoever sends a few; and longer the longer it takes, so that whoever sends
 * many asks seldom.
 */
const WAITS = [2000, 8000, 30_000];

/**
 * Asks that an upload become an object, and whether it has arrived.
 *
 * @param {Endpoint} endpoint
 * @param {Grant} grant
 * @param {number} high of the whole's checksum, the upper 32 bits
 * @param {number} low and the lower ones
 * @returns {import("./answer.js").Request}
 */
export function complete(endpoint, grant, high, low) {
  const crc = grant.checksums?.crc;
  const { waiting, times } = (endpoint.queue ??= { waiting: new Set(), times: 0 });
  /** @type {Waiting} */
  const upload = { grant, checksum: crc && crcText(crc, high, low), settle() {} };
  const work = new Promise((resolve, reject) => (upload.settle = object => (object.error ? reject(object.error) : resolve(object))));
  if (waiting.add(upload).size >= MOST) flush(endpoint);
  else endpoint.queue.timer ??= setTimeout(flush, WAITS[Math.min(times, 2)], endpoint);
  return { work, abort: () => waiting.delete(upload) };
}

/**
 * Asks for all that wait.
 *
 * @param {Endpoint} endpoint
 */
export function flush(endpoint) {
  const { queue } = endpoint;
  if (!queue?.waiting.size) return;
  clearTimeout(queue.timer);
  endpoint.queue = { waiting: new Set(), times: queue.times + 1 };
  ask(endpoint, [...queue.waiting]);
}

/**
 * It is remembered first which parts were sent: of an object the store does not tell any more what it was put together from, and a page that is
 * closed now could not show that its file is the same.
 *
 * @param {Endpoint} endpoint
 * @param {Waiting[]} uploads
 */
async function ask(endpoint, uploads) {
  try {
    if (uploads.some(({ grant }) => grant.memory)) await kept();
    const objects = await askToComplete(endpoint, uploads.map(({ grant: { token, contentMd5 }, checksum }) => ({ token, checksum, contentMd5 }))).work;
    uploads.forEach(({ settle }, index) => settle(objects[index]));
  } catch (error) {
    const half = uploads.length >> 1;
    if (half && asksForFewer(/** @type {import("./failure.js").Failure} */ (error))) {
      ask(endpoint, uploads.slice(0, half));
      ask(endpoint, uploads.slice(half));
    } else for (const { settle } of uploads) settle({ error });
  }
}
