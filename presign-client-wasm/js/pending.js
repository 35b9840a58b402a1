// What this browser remembers of uploads that are not objects yet, so that a page can go on with them after it was closed: in IndexedDB, the
// token, and the checksum of each part that the store has taken.
//
// Where a browser keeps nothing (there is no IndexedDB, it is forbidden, the disk is full), uploads work all the same; they only cannot be resumed.
// So it is where there are no Web Locks either, on pages that are not secure: two tabs could send two files' parts into one upload there.

/**
 * @typedef {object} Pending
 * @property {number} id
 * @property {string} endpoint its whole URL
 * @property {string} name
 * @property {number} size bytes
 * @property {string} type
 * @property {string} metadata as JSON
 * @property {string} token
 * @property {number} partSize bytes of every part but the last
 * @property {number} startedAt milliseconds since 1970
 * @property {number} expiresAt milliseconds since 1970
 * @property {FileSystemFileHandle | undefined} handle
 */

const NAME = "presign-client";

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

/** @returns {Promise<IDBDatabase>} */
function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("uploads", { keyPath: "id", autoIncrement: true });
      // By upload and number.
      opening.result.createObjectStore("parts");
    };
    opening.onsuccess = () => {
      const { result } = opening;
      // A later version of this package in another tab, or a user who clears what pages keep, must not be held up.
      result.onversionchange = result.onclose = () => {
        result.close();
        opened = undefined;
      };
      resolve(result);
    };
    opening.onerror = opening.onblocked = reject;
    // WebKit forgets to answer at times. An upload does not wait for that.
    setTimeout(reject, 5000);
  });
}

/**
 * The result of `work`, once it is kept; `undefined` where nothing can be.
 *
 * @template Result
 * @param {IDBTransactionMode} mode
 * @param {(uploads: IDBObjectStore, parts: IDBObjectStore) => IDBRequest<Result>} work
 * @returns {Promise<Result | undefined>}
 */
async function transact(mode, work) {
  try {
    if (!navigator.locks) return undefined;
    opened ??= database();
    const transaction = (await opened).transaction(["uploads", "parts"], mode);
    const request = work(transaction.objectStore("uploads"), transaction.objectStore("parts"));
    return await new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = reject;
    });
  } catch {
    opened = undefined;
    return undefined;
  }
}

/** @param {number} id */
const partsOf = id => IDBKeyRange.bound([id], [id, []]);

/** @param {string} url */
const whole = url => new Request(url).url;

/**
 * The uploads to an endpoint that can still be resumed, the oldest first. Those that cannot are forgotten.
 *
 * @param {string} url
 * @returns {Promise<Pending[]>}
 */
export async function pending(url) {
  const all = /** @type {Pending[]} */ ((await transact("readonly", uploads => uploads.getAll())) ?? []);
  return all.filter(({ id, endpoint, expiresAt }) => {
    if (expiresAt < Date.now()) remove(id);
    else return endpoint === whole(url);
  });
}

/**
 * Those of them that no tab is busy with, and the bytes of each that the store has.
 *
 * @param {string} url
 */
export function resumable(url) {
  const find = async () => {
    const held = (await globalThis.navigator?.locks?.query().catch(() => undefined))?.held?.map(({ name }) => name);
    const free = (await pending(url)).filter(({ id }) => !held?.includes(lockName(id)));
    return Promise.all(free.map(async upload => {
      const parts = await rememberedParts(upload.id);
      return { ...upload, loaded: Math.min(parts.length * upload.partSize, upload.size) };
    }));
  };
  return { work: find(), abort() {} };
}

/**
 * What an upload of this tab is remembered by. No other tab goes on with it before it is released.
 *
 * @typedef {{ id: number, release: () => void }} Memory
 */

/**
 * Remembers an upload. The answer is a `Memory`, and `undefined` where it cannot be remembered.
 *
 * @param {string} url
 * @param {{ name: string, blob: Blob, metadata?: object, handle?: FileSystemFileHandle }} source
 * @param {{ token: string, partSize: number, resumableFor: number }} grant
 * @returns {Promise<Memory | undefined>}
 */
export async function remember(url, { name, blob, metadata, handle }, { token, partSize, resumableFor }) {
  const startedAt = Date.now();
  const upload = { endpoint: whole(url), name, size: blob.size, type: blob.type, metadata: JSON.stringify(metadata), token, partSize, startedAt, expiresAt: startedAt + resumableFor * 1000, handle };
  const id = await transact("readwrite", uploads => uploads.add(upload));
  return id === undefined ? undefined : take(/** @type {number} */ (id));
}

/**
 * Remembers that the store has a part.
 *
 * @param {number} id
 * @param {number} number
 * @param {string} sum
 */
export function rememberPart(id, number, sum) {
  transact("readwrite", (_, parts) => parts.put({ number, sum }, [id, number]));
}

/** Ends when all that was to be remembered is: what is asked for later waits for it. */
export const kept = () => transact("readonly", (_, parts) => parts.count());

/**
 * The parts that the store is known to have.
 *
 * @param {number} id
 * @returns {Promise<{ number: number, sum: string }[]>}
 */
export const rememberedParts = async id => (await transact("readonly", (_, parts) => parts.getAll(partsOf(id)))) ?? [];

/** @param {number} id */
export function remove(id) {
  return transact("readwrite", (uploads, parts) => {
    parts.delete(partsOf(id));
    return uploads.delete(id);
  });
}

/** @param {number} id */
const lockName = id => `${NAME} ${id}`;

/**
 * Keeps other tabs off an upload; `undefined` where another tab has it.
 *
 * @param {number} id
 * @returns {Promise<Memory | undefined>}
 */
export function take(id) {
  return new Promise(resolve => {
    const taken = () => new Promise(release => resolve({ id, release: () => release(undefined) }));
    // This tab may have released it just now.
    navigator.locks.request(lockName(id), { signal: AbortSignal.timeout(500) }, taken).catch(() => resolve(undefined));
  });
}
