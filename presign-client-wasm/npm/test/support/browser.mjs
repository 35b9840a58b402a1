// What a browser keeps between two pages, where there is none: IndexedDB and Web Locks, no more of them than the package uses. To be imported
// before it. Transactions are done one after the other, as those that write to the same stores are.

/** What is kept, by the name of the store: a test may look into it, and change it. */
export const stores = new Map();

/** The names of the locks that are held. */
export const locks = new Set();

/** As if nothing had ever been uploaded. */
export function forgetAll() {
  for (const rows of stores.values()) rows.clear();
}

class Rows {
  #next = 1;
  #rows = new Map();

  constructor({ keyPath } = {}) {
    this.keyPath = keyPath;
  }

  clear() {
    this.#rows.clear();
  }

  add(value) {
    const id = this.#next++;
    this.#rows.set(JSON.stringify(id), structuredClone({ ...value, id }));
    return id;
  }

  put(value, key) {
    this.#rows.set(JSON.stringify(key), structuredClone(value));
  }

  /** A range is of the keys that begin with its first one: this package has no others. */
  #meant(range) {
    return [...this.#rows.keys()].filter(key => !range || (range.first ? JSON.parse(key)[0] === range.first[0] : key === JSON.stringify(range)));
  }

  count() {
    return this.#rows.size;
  }

  getAll(range) {
    return this.#meant(range).map(key => structuredClone(this.#rows.get(key)));
  }

  delete(range) {
    for (const key of this.#meant(range)) this.#rows.delete(key);
  }
}

/** Each request has its result at once; the transaction tells of its end later. */
const asked = rows => Object.fromEntries(["add", "put", "count", "getAll", "delete"].map(name => [name, (...given) => ({ result: rows[name](...given) })]));

const database = {
  createObjectStore: (name, options) => stores.set(name, new Rows(options)),
  close() {},
  transaction() {
    const transaction = { objectStore: name => asked(stores.get(name)) };
    setTimeout(() => transaction.oncomplete());
    return transaction;
  },
};

globalThis.indexedDB = {
  open() {
    const opening = { result: database };
    queueMicrotask(() => {
      if (stores.size === 0) opening.onupgradeneeded();
      opening.onsuccess();
    });
    return opening;
  },
};

globalThis.IDBKeyRange = { bound: first => ({ first }) };

/** Who waits for a lock, by its name. */
const waiting = new Map();

async function request(name, { ifAvailable, signal }, callback) {
  if (locks.has(name)) {
    if (ifAvailable) return callback(null);
    await new Promise((resolve, reject) => {
      waiting.set(name, [...(waiting.get(name) ?? []), resolve]);
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  }
  locks.add(name);
  try {
    // A browser takes its time.
    await new Promise(resolve => setTimeout(resolve));
    return await callback({ name });
  } finally {
    locks.delete(name);
    waiting.get(name)?.shift()?.();
  }
}

const query = async () => ({ held: [...locks].map(name => ({ name })) });

Object.defineProperty(globalThis, "navigator", { value: { onLine: true, locks: { request, query } }, configurable: true });
