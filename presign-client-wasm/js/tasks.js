// What is polled when it is woken.

/** @type {Map<number, () => void>} */
const tasks = new Map();
let last = 0;

/**
 * Gives the number by which the task is woken.
 *
 * @param {() => void} poll
 */
export function add(poll) {
  tasks.set(++last, poll);
  return last;
}

/**
 * Polls it soon, but never from within whatever is running now.
 *
 * @param {number} id
 */
export function wake(id) {
  queueMicrotask(() => tasks.get(id)?.());
}

/** @param {number} id */
export function remove(id) {
  tasks.delete(id);
}
