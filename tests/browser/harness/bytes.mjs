// Contents that differ from file to file and come out the same here and in a page.
import { createHash } from "node:crypto";

/** `size` bytes that depend on `seed`. It uses nothing from outside itself, so that a page can be given its source. */
export function bytes(seed, size) {
  const filled = new Uint8Array(size);
  let state = (seed + 1) * 2654435761;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    filled[at] = state >>> 24;
  }
  return filled;
}

export const sha256 = content => createHash("sha256").update(content).digest("hex");
