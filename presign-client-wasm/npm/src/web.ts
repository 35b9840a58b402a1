// The package with the WebAssembly as a file beside it: for pages that load and cache it by themselves. What it exports is what index.ts does,
// so index.ts is where it is documented, and scripts/build.mjs points to its types.
import { api } from "./api.js";
import type { Api } from "./types.js";

export type * from "./types.js";
export { PresignError } from "./errors.js";

export const { upload, pendingUploads, limits }: Api = api(() => fetch(new URL("./presign_client.wasm", import.meta.url)));
