// Requests to the application's own endpoints, those of `presign-layer`.
import { failure } from "./failure.js";

/**
 * @typedef {import("./answer.js").Request} Request
 *
 * @typedef {object} Endpoint
 * @property {string} url
 * @property {HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined} headers or a function that is asked for them before each request
 * @property {RequestCredentials | undefined} credentials
 */

/**
 * Asks for permission to upload. The answer is the grants, one for each file in the same order.
 *
 * @param {Endpoint} endpoint
 * @param {unknown[]} files
 * @returns {Request}
 */
export function askForGrants(endpoint, files) {
  return request(endpoint, endpoint.url, JSON.stringify({ files }), answer => {
    const grants = /** @type {{ grants?: unknown } | null} */ (answer)?.grants;
    if (!Array.isArray(grants) || grants.length !== files.length) throw unexpected("it does not have one grant for each file");
    return grants.map(grant => (grant?.error ? { error: failure(String(grant.error.code), String(grant.error.message)) } : grant));
  });
}

/**
 * Asks what may be uploaded.
 *
 * @param {Endpoint} endpoint
 * @returns {Request}
 */
export function askForLimits(endpoint) {
  // The endpoint's URL may have a query of the application's own.
  const url = endpoint.url.replace(/\/?(\?.*)?$/, "/limits$1");
  return request(endpoint, url, null, answer => {
    const maxSize = /** @type {{ maxSize?: unknown } | null} */ (answer)?.maxSize;
    if (typeof maxSize !== "number") throw unexpected("it has no limits");
    return answer;
  });
}

/**
 * @param {Endpoint} endpoint
 * @param {string} url
 * @param {string | null} body
 * @param {(answer: unknown) => unknown} read
 * @returns {Request}
 */
function request(endpoint, url, body, read) {
  const controller = new AbortController();
  const send = async () => {
    const headers = await headersOf(endpoint, body);
    const { credentials = "same-origin" } = endpoint;
    const init = { method: body ? "POST" : "GET", headers, body, credentials, signal: controller.signal };
    const response = await fetch(url, init).catch(unreachable);
    const text = await response.text().catch(unreachable);
    const answer = parsed(text);
    if (!response.ok) throw refusal(response, answer);
    if (answer === undefined) throw unexpected("it is not JSON");
    return read(answer);
  };
  return { work: send(), abort: () => controller.abort() };
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
