// Reading and making values.

/**
 * The property, or `undefined` where there is none or `of` is no object.
 *
 * @param {any} of
 * @param {string} name
 * @returns {unknown}
 */
export const get = (of, name) => of?.[name];

/**
 * @param {unknown[]} list
 * @param {number} index
 */
export const item = (list, index) => list[index];

/**
 * A list that is there already, or a new one, with one more value.
 *
 * @param {unknown[] | undefined} list
 * @param {unknown} value
 */
export function append(list = [], value) {
  list.push(value);
  return list;
}

/** @returns {Record<string, unknown>} */
export const object = () => ({});

/**
 * @param {Record<string, unknown>} object
 * @param {string} name
 * @param {unknown} value
 */
export const set = (object, name, value) => {
  object[name] = value;
};

/** @param {Uint8Array} bytes */
export const base64 = bytes => btoa(String.fromCharCode(...bytes));

/** @param {Uint8Array} bytes */
export const hex = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
