// Temporary folders.
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made = new Set();

// None outlives the tests, even if they break off.
process.on("exit", () => made.forEach(remove));

/** A new folder, and how to be rid of it. */
export async function temporaryFolder(purpose) {
  const path = await mkdtemp(join(tmpdir(), `presign-${purpose}-`));
  made.add(path);
  return { path, remove: () => remove(path) };
}

function remove(path) {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  made.delete(path);
}
