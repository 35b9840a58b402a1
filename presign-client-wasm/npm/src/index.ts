// The package with the WebAssembly inside: works in every bundler and without one, with no configuration.
import wasm from "virtual:wasm";
import { api } from "./api.js";
import type { Api } from "./types.js";

export type * from "./types.js";
export { PresignError } from "./errors.js";

/** Gzip in base64, unpacked by the browser itself. */
function unpacked(): Response {
  const packed = new Blob([Uint8Array.from(atob(wasm), character => character.charCodeAt(0))]);
  const stream = packed.stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream, { headers: { "content-type": "application/wasm" } });
}

export const { upload, limits }: Api = api(unpacked);
