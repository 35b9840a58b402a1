// What is polled when it is woken.

/** @type {Map<number, (_: number) => void>} */
const tasks = new Map();
let last = 0;

/**
 * Gives the number by which the task is woken.
 *
 * @param {(_: number) => void} poll
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
  queueMicrotask(() => tasks.get(id)?.(0));
}

/** @param {number} id */
export function remove(id) {
  tasks.delete(id);
}
