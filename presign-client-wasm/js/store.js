// Requests to the store.
import { failure, unreadable } from "./failure.js";

/** After the last byte the store is waited for so many times longer: what is on its way through slow lines makes no progress here. */
const ANSWER = 4;

/** A form of which nobody hears how far it is has as much more time for each so many bytes. */
const SLOWEST = 1 << 18;

/**
 * What is sent, and how.
 *
 * @typedef {{ url: string, headers: Record<string, string>, fields: Record<string, string> | undefined }} Way
 *
 * What the store said.
 * @typedef {{ status: number, text: string, etag: string | undefined }} Answer
 */

/**
 * Sends all of `blob`, by PUT or, where there are fields, as a form. The answer is the `ETag`, or `undefined` where the page may not see it.
 *
 * @param {Way} way
 * @param {Blob} blob
 * @param {number} patience milliseconds without any progress that are a failure
 * @param {boolean} listens somebody wants to hear of progress
 * @param {(loaded: number) => void} onProgress
 * @returns {{ work: Promise<string | undefined>, abort: () => void }}
 */
export function send(way, blob, patience, listens, onProgress) {
  const controller = new AbortController();
  const { signal } = controller;
  const abort = () => controller.abort();
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  let stalled = false;
  const alive = (times = 1) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      stalled = true;
      abort();
    }, patience * times);
  };
  const run = async () => {
    const { status, text, etag } = await (way.fields && !listens ? fetched : requested)(way, blob, signal, alive, onProgress);
    clearTimeout(timer);
    if (status >= 200 && status < 300) return etag;
    if (stalled) throw failure("network", `The connection to the store stalled: nothing was sent for ${patience / 1000} seconds.`);
    throw status ? refusal(status, text) : await breakdown(blob);
  };
  return {
    work: run(),
    abort() {
      clearTimeout(timer);
      abort();
    },
  };
}

/**
 * @param {Record<string, string>} fields
 * @param {Blob} blob
 */
function form(fields, blob) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  // The store takes nothing that comes after the file.
  form.append("file", blob);
  return form;
}
/**
 * By `fetch`, which tells nothing of an upload's progress: a form that nobody listens to needs no CORS preflight.
 *
 * @param {Way} way
 * @param {Blob} blob
 * @param {AbortSignal} signal
 * @param {(times?: number) => void} alive
 * @returns {Promise<Answer>}
 */
async function fetched({ url, fields = {} }, blob, signal, alive) {
  alive(ANSWER + blob.size / SLOWEST);
  try {
    const response = await fetch(url, { method: "POST", body: form(fields, blob), signal });
    return { status: response.status, text: await response.text(), etag: response.headers.get("etag")?.replaceAll('"', "") };
  } catch {
    return { status: 0, text: "", etag: undefined };
  }
}

/**
 * @param {Way} way
 * @param {Blob} blob
 * @param {AbortSignal} signal
 * @param {(times?: number) => void} alive
 * @param {(loaded: number) => void} onProgress
 * @returns {Promise<Answer>}
 */
async function requested(way, blob, signal, alive, onProgress) {
  const xhr = open(way);
  signal.onabort = () => xhr.abort();
  xhr.upload.onprogress = ({ loaded }) => {
    alive();
    onProgress(loaded);
  };
  xhr.upload.onload = () => alive(ANSWER);
  alive();
  await new Promise(resolve => {
    xhr.onloadend = resolve;
    xhr.send(way.fields ? form(way.fields, blob) : blob);
  });
  // Asking for a header by its name would be a warning in the console where CORS does not expose it.
  const etag = /^etag: *"?([^"\r\n]*)/im.exec(xhr.getAllResponseHeaders())?.[1];
  return { status: xhr.status, text: xhr.responseText, etag };
}

/** @param {Way} way */
function open({ url, headers, fields }) {
  if (typeof XMLHttpRequest === "undefined") {
    throw failure("unsupported", "Files can only be uploaded from a browser: there is no XMLHttpRequest here.");
  }
  const xhr = new XMLHttpRequest();
  try {
    xhr.open(fields ? "POST" : "PUT", url);
    // Firefox takes an empty answer for broken XML otherwise, and says so in the console.
    xhr.responseType = "text";
    for (const [name, value] of Object.entries(headers)) {
      // The browser sets it from the body, and lets no script do so.
      if (name !== "content-length") xhr.setRequestHeader(name, value);
    }
    return xhr;
  } catch {
    // Not in the browser's words: they may repeat the URL or the header, and with it the signature.
    throw failure("unexpected_answer", "The server granted an upload that this browser cannot send.");
  }
}

/**
 * The store's own words when it refuses: a status, and an XML document.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 *
 * Read without a DOMParser: a worker has none, and a page that enforces Trusted Types may not use its own.
 *
 * @param {number} status
 * @param {string} text
 */
function refusal(status, text) {
  /** @param {string} name */
  const element = name => unescaped(new RegExp(`<${name}>([^<]+)`).exec(text)?.[1]);
  const storeCode = element("Code");
  const details = { status, storeCode, requestId: element("RequestId") };
  if (status === 412) return failure("store_refused", "The store already has an object of this key and may not overwrite it.", details);
  const said = element("Message")?.replace(/\.$/, "");
  const message = `The store refused the file${said ? `: ${said}` : ""} (${[status, storeCode].filter(Boolean).join(" ")}).`;
  return failure("store_refused", message, details);
}

/** @type {Record<string, number>} */
const ENTITIES = { amp: 38, lt: 60, gt: 62, quot: 34, apos: 39 };

/**
 * XML knows these five names; whatever else is escaped is a number, perhaps a hexadecimal one.
 *
 * @param {string | undefined} xml
 */
function unescaped(xml) {
  return xml?.replace(/&#?(\w+);/g, (_, name) => String.fromCharCode(ENTITIES[name] ?? Number(name.replace("x", "0x"))));
}

/**
 * A browser reports a file that it cannot read as a network error. One that is there can be read from.
 *
 * @param {Blob} blob
 */
async function breakdown(blob) {
  try {
    await blob.slice(0, 1).arrayBuffer();
  } catch {
    return unreadable();
  }
  return failure("network", "The connection to the store failed, or the store does not let this page in (its CORS rules).");
}
