import { setTimeout as sleep } from "node:timers/promises";

/** Waits until `holds` does; fails where it does not within some seconds. */
export async function until(holds, what) {
  for (const start = performance.now(); !holds(); await sleep(2)) {
    if (performance.now() - start > 10_000) throw new Error(`in vain: ${what}`);
  }
}

/** Ample for what would come unasked to come. */
export const awhile = () => sleep(60);

/** A promise that waits for `open()`. */
export function gate() {
  let open;
  const opened = new Promise(resolve => (open = resolve));
  return { opened, open };
}
