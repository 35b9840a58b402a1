// npm, and the package as npm would install it.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageFolder } from "./folders.mjs";
import { run } from "./run.mjs";

const windows = process.platform === "win32";

/** What `npm pack` says of the package with these arguments. */
export async function pack(...args) {
  const { code, stdout, stderr } = await run("npm", ["pack", "--json", ...args], packageFolder, { shell: windows });
  assert.equal(code, 0, stderr);
  return Object.values(JSON.parse(stdout))[0];
}

/** A new folder, removed after the test, that has the package in its `node_modules`: just what would be published. */
export async function installed(t) {
  const folder = await mkdtemp(join(tmpdir(), "presign-client-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { filename } = await pack("--pack-destination", folder);
  const { code, stderr } = await run("tar", ["-xzf", filename], folder);
  assert.equal(code, 0, stderr);
  await mkdir(join(folder, "node_modules"));
  await rename(join(folder, "package"), join(folder, "node_modules", "presign-client"));
  return folder;
}
