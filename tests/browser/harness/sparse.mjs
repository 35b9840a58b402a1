// Large files that take next to no room on the disk.
import { open } from "node:fs/promises";
import { join } from "node:path";

/** Less than the smallest part that there is, so that no two parts are the same. */
const EVERY = 4_000_000;

/** A file with holes: the marks in it show if a piece is lost or moved. `seed` makes it another of the same size. */
export async function sparseFile(parent, name, size, { seed = 0 } = {}) {
  const path = join(parent, name);
  const file = await open(path, "w");
  await file.truncate(size);
  for (let at = 0; at < size; at += EVERY) await file.write(`mark ${seed} at ${at}`, at);
  const end = `end ${seed}`;
  await file.write(end, size - end.length);
  await file.close();
  return { path, name };
}
