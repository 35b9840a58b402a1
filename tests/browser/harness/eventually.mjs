// Waiting for what comes about by itself.
import { setTimeout as after } from "node:timers/promises";

/** Far longer than anything should take. */
const LIMIT = 30_000;

/** The first result of `look` that is not falsy; an error where there is none for long. */
export async function eventually(look, what = String(look)) {
  for (const begun = performance.now(); performance.now() - begun < LIMIT; await after(5)) {
    const seen = await look();
    if (seen) return seen;
  }
  throw new Error(`it never came about: ${what}`);
}
