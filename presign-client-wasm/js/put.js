// Requests to the store.
import { failure, unreadable } from "./failure.js";

/** After the last byte the store is waited for so many times longer: what is on its way through slow lines makes no progress here. */
const ANSWER = 4;

/**
 * Sends all of `blob`. The answer is the `ETag`, or `undefined` where the page may not see it.
 * `XMLHttpRequest`, because `fetch` tells nothing of an upload's progress.
 *
 * @param {string} url
 * @param {Record<string, string>} headers what has to be sent
 * @param {Blob} blob
 * @param {number} patience milliseconds without any progress that are a failure
 * @param {(loaded: number) => void} onProgress
 * @returns {{ work: Promise<string | undefined>, abort: () => void }}
 */
export function put(url, headers, blob, patience, onProgress) {
  /** @type {XMLHttpRequest} */
  let xhr;
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  let stalled = false;
  const alive = (times = 1) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      stalled = true;
      xhr.abort();
    }, patience * times);
  };
  const send = async () => {
    xhr = open(url, headers);
    xhr.upload.onprogress = ({ loaded }) => {
      alive();
      onProgress(loaded);
    };
    xhr.upload.onload = () => alive(ANSWER);
    alive();
    await new Promise(resolve => {
      xhr.onloadend = resolve;
      xhr.send(blob);
    });
    clearTimeout(timer);
    const { status } = xhr;
    if (status >= 200 && status < 300) return etag(xhr);
    if (stalled) throw failure("network", `The connection to the store stalled: nothing was sent for ${patience / 1000} seconds.`);
    throw status ? refusal(xhr) : await breakdown(blob);
  };
  const abort = () => {
    clearTimeout(timer);
    xhr?.abort();
  };
  return { work: send(), abort };
}

/**
 * @param {string} url
 * @param {Record<string, string>} headers
 */
function open(url, headers) {
  if (typeof XMLHttpRequest === "undefined") {
    throw failure("unsupported", "Files can only be uploaded from a browser: there is no XMLHttpRequest here.");
  }
  const xhr = new XMLHttpRequest();
  try {
    xhr.open("PUT", url);
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
 * Asking for a header by its name would be a warning in the console where CORS does not expose it.
 *
 * @param {XMLHttpRequest} xhr
 */
function etag(xhr) {
  return /^etag: *"?([^"\r\n]*)/im.exec(xhr.getAllResponseHeaders())?.[1];
}

/**
 * The store's own words when it refuses: a status, and an XML document.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 *
 * Read without a DOMParser: a worker has none, and a page that enforces Trusted Types may not use its own.
 *
 * @param {XMLHttpRequest} xhr
 */
function refusal({ status, responseText }) {
  /** @param {string} name */
  const element = name => unescaped(new RegExp(`<${name}>([^<]+)`).exec(responseText)?.[1]);
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
