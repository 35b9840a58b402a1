// A file that becomes another one behind everybody's back.
import { open, rename, stat, utimes } from "node:fs/promises";

/**
 * Puts another file in the place of the one at `path`, of the same name, size and date, its contents as `write(handle, size)`
 * writes them into a file of that size with nothing in it but zeros.
 */
export async function swap(path, write) {
  const { size, atimeMs, mtimeMs } = await stat(path);
  const other = `${path}.swap`;
  const file = await open(other, "w");
  await file.truncate(size);
  await write(file, size);
  await file.close();
  await utimes(other, atimeMs / 1000, mtimeMs / 1000);
  await rename(other, path);
}
