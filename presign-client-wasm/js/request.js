// Requests to the application's own endpoints, those of `presign-layer`.
import { failure } from "./failure.js";

/**
 * @typedef {import("./answer.js").Request} Request
 *
 * @typedef {object} Endpoint
 * @property {string} url
 * @property {HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined} headers or a function that is asked for them before each request
 * @property {RequestCredentials | undefined} credentials
 * @property {import("./gather.js").Queue} [queue]
 */

/** Milliseconds after which no answer is as good as none: a store may take its time to put parts together. */
const PATIENCE = 300_000;

/**
 * @typedef {{ name: string, blob: Blob, metadata?: object, handle?: FileSystemFileHandle }} Source
 */

/** What a grant must have, and what an object. @type {Record<string, Record<string, string>>} */
const NEEDED = {
  put: { key: "string", url: "string", headers: "object", expiresIn: "number" },
  post: { key: "string", url: "string", fields: "object", expiresIn: "number" },
  multipart: { key: "string", token: "string", partSize: "number", partCount: "number", parts: "object", expiresIn: "number" },
};

/**
 * Asks for permission to upload. The answer is the grants, one for each source in the same order: `{ error }` where it is refused.
 *
 * @param {Endpoint} endpoint
 * @param {Source[]} sources
 */
export function askForGrants(endpoint, sources) {
  const files = sources.map(({ name, blob: { size, type }, metadata }) => ({ name, size, type, metadata }));
  return askEach(endpoint, endpoint.url, { files }, files.length, "grants", grant => fresh(checked(grant, NEEDED[grant?.method])));
}

/**
 * One request about many files. The answer has one thing for each, in the same order: `{ error }` where it is refused or cannot be read.
 *
 * @param {Endpoint} endpoint
 * @param {string} url
 * @param {object} body
 * @param {number} count
 * @param {string} name
 * @param {(each: any) => any} read
 */
function askEach(endpoint, url, body, count, name, read) {
  return request(endpoint, url, JSON.stringify(body), answer => {
    const all = /** @type {Record<string, unknown> | null} */ (answer)?.[name];
    if (!Array.isArray(all) || all.length !== count) throw unexpected(`it does not have ${name} for all files`);
    return all.map(each => {
      try {
        const error = each?.error;
        if (error) throw { ...failure(String(error.code), String(error.message)), missingParts: error.missingParts };
        return read(each);
      } catch (error) {
        return { error };
      }
    });
  });
}

/**
 * @param {any} answer
 * @param {Record<string, string>} [needed]
 */
function checked(answer, needed = { method: "of a kind that is known" }) {
  if (Object.entries(needed).some(([name, type]) => typeof answer?.[name] !== type)) throw unexpected("it is not complete, or not of a kind that this version knows");
  return answer;
}

/** Milliseconds that a presigned URL must still live when it begins to be used. */
const FRESH = 30_000;

/**
 * With the time until which its URLs are as good as new. A server that grants for no time at all would be asked again and again without end.
 *
 * @template {{ expiresIn: number }} Answer
 * @param {Answer} answer
 */
function fresh(answer) {
  const lifetime = Math.max(1, answer.expiresIn) * 1000;
  return { ...answer, freshUntil: Date.now() + lifetime - Math.min(FRESH, lifetime / 2) };
}

/**
 * Asks for the presigned URLs of further parts, from the one numbered `from` on.
 *
 * @param {Endpoint} endpoint
 * @param {{ token: string }} grant
 * @param {number} from
 * @returns {Request}
 */
export function askForParts(endpoint, { token }, from) {
  return request(endpoint, below(endpoint, "/parts"), JSON.stringify({ token, from }), answer => {
    const { parts, expiresIn } = /** @type {{ parts?: unknown, expiresIn?: unknown }} */ (answer ?? {});
    if (!Array.isArray(parts) || !parts.length || typeof expiresIn !== "number") throw unexpected("it has no parts");
    return fresh({ parts, expiresIn });
  });
}

/**
 * Asks how far an upload is: the parts that the store has.
 *
 * @param {Endpoint} endpoint
 * @param {string} token
 */
export function askHowFar(endpoint, token) {
  return request(endpoint, below(endpoint, "/resume"), JSON.stringify({ token }), answer => {
    const { parts } = /** @type {{ parts?: unknown }} */ (answer ?? {});
    if (!Array.isArray(parts)) throw unexpected("it has no parts");
    return /** @type {{ partSize: number, size: number, checksums?: { crc?: string }, parts: { number: number, size: number, etag: string }[] }} */ (answer);
  });
}

/**
 * Asks that uploads become objects, and whether they have arrived. The answer is the objects.
 *
 * @param {Endpoint} endpoint
 * @param {{ token: string, checksum: string | undefined, contentMd5: string | undefined }[]} uploads
 */
export const askToComplete = (endpoint, uploads) =>
  askEach(endpoint, below(endpoint, "/complete"), { uploads }, uploads.length, "results", object => checked(object, { key: "string" }));

/**
 * Gives an upload up at the store.
 *
 * @param {Endpoint} endpoint
 * @param {string} token
 */
export const giveUp = (endpoint, token) => request(endpoint, below(endpoint, "/abort"), JSON.stringify({ token }), () => undefined).work;

/**
 * Asks what may be uploaded.
 *
 * @param {Endpoint} endpoint
 * @returns {Request}
 */
export function askForLimits(endpoint) {
  return request(endpoint, below(endpoint, "/limits"), null, answer => {
    const maxSize = /** @type {{ maxSize?: unknown } | null} */ (answer)?.maxSize;
    if (typeof maxSize !== "number") throw unexpected("it has no limits");
    return answer;
  });
}

/**
 * The endpoint's URL may have a query of the application's own.
 *
 * @param {Endpoint} endpoint
 * @param {string} path
 */
const below = ({ url }, path) => url.replace(/\/?(\?.*)?$/, `${path}$1`);

/**
 * @param {Endpoint} endpoint
 * @param {string} url
 * @param {string | null} body
 * @param {(answer: unknown) => Read | Promise<Read>} read
 * @template Read
 * @returns {{ work: Promise<Read>, abort: () => void }}
 */
function request(endpoint, url, body, read) {
  const controller = new AbortController();
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const send = async () => {
    const headers = await headersOf(endpoint, body);
    const { credentials = "same-origin" } = endpoint;
    const init = { method: body ? "POST" : "GET", headers, body, credentials, signal: controller.signal };
    timer = setTimeout(abort, PATIENCE);
    const response = await fetch(url, init).catch(unreachable);
    const answer = parsed(await response.text().catch(unreachable));
    if (!response.ok) throw refusal(response, answer);
    if (answer === undefined && response.status !== 204) throw unexpected("it is not JSON");
    return read(answer);
  };
  const abort = () => controller.abort();
  return { work: send().finally(() => clearTimeout(timer)), abort };
}

/**
 * @param {Endpoint} endpoint
 * @param {string | null} body
 */
async function headersOf({ headers: given }, body) {
  let own;
  try {
    own = typeof given === "function" ? await given() : given;
    own = new Headers(own);
  } catch (error) {
    // Where it is the runtime that finds fault with a header, its words may repeat the value, and that may be a token.
    const why = own || !(error instanceof Error) ? "a name or a value is not one that a header can have" : error.message;
    throw failure("headers_failed", `The headers for the request could not be had: ${why}`);
  }
  own.set("accept", "application/json");
  if (body) own.set("content-type", "application/json");
  return own;
}

/** @param {string} text */
function parsed(text) {
  try {
    return /** @type {unknown} */ (JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * An answer that is no success: a problem after RFC 9457 in the protocol's words, or anything else.
 *
 * @param {Response} response
 * @param {unknown} answer
 */
function refusal({ status, headers }, answer) {
  const { code, detail } = /** @type {{ code?: unknown, detail?: unknown }} */ (answer ?? {});
  const isProblem = typeof code === "string" && typeof detail === "string";
  const said = isProblem
    ? failure(code, detail, { status })
    : failure("endpoint_failed", `The server that grants uploads answered with status ${status}.`, { status });
  return { ...said, retryAfter: milliseconds(headers.get("retry-after")) };
}

/**
 * `Retry-After`: seconds or a date.
 *
 * @param {string | null} value
 */
function milliseconds(value) {
  if (value === null) return undefined;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return wait > 0 ? wait : undefined;
}

/** @returns {never} */
function unreachable() {
  throw failure("network", "The server that grants uploads could not be reached.");
}

/** @param {string} what */
function unexpected(what) {
  return failure("unexpected_answer", `The server that grants uploads gave an answer that cannot be read: ${what}.`);
}
