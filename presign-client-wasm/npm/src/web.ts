// The package with the WebAssembly as a file beside it: for pages that load and cache it by themselves.
import { api } from "./api.js";
import type { Api } from "./types.js";

export type * from "./types.js";
export { PresignError } from "./errors.js";

export const { upload, limits }: Api = api(() => fetch(new URL("./presign_client.wasm", import.meta.url)));
