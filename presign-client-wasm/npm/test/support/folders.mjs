// Where things are.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** The package's own folder, built. */
export const packageFolder = join(here, "..", "..");

/** The repository's root. */
export const root = join(packageFolder, "..", "..");

/** The scripts that a test runs in a process of its own. */
export const scripts = join(here, "..", "scripts");
