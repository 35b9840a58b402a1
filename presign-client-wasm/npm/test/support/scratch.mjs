import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { packageFolder } from "./folders.mjs";

/** An empty folder, removed after the test. It is within the package's own, so that the package's name leads to the package. */
export async function scratch(t) {
  const build = join(packageFolder, "build");
  await mkdir(build, { recursive: true });
  const folder = await mkdtemp(join(build, "test-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
