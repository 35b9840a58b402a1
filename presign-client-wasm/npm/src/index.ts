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

const client: Api = api(unpacked);

/**
 * Uploads all files, and gives for each what became of it, in the order given. It is never rejected: a file that did not arrive
 * says why in its result, and hides no other's success.
 *
 * @throws TypeError or RangeError, at once, where an argument is wrong.
 */
export const upload: Api["upload"] = client.upload;

/**
 * What this browser has begun to upload to the endpoint and not finished, and no tab is busy with: the oldest first.
 */
export const pendingUploads: Api["pendingUploads"] = client.pendingUploads;

/**
 * What may be uploaded, so that a page can say so before files are chosen.
 *
 * @throws PresignError, by rejection, where the endpoint does not answer.
 */
export const limits: Api["limits"] = client.limits;
