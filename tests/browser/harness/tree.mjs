// Ordinary files below a folder.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { digestOfFile } from "./sha256.mjs";

/** `{ path, sha256, size }` of every file that is not hidden. */
export async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath ?? entry.path, entry.name));
  return Promise.all(paths.map(async path => ({ path, ...(await digestOfFile(path)) })));
}
