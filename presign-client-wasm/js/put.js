// Requests to the store.
import { failure } from "./failure.js";

/**
 * Sends the whole of `blob`. The answer is the object's `ETag`, or `undefined` where the page may not see it. `XMLHttpRequest`,
 * because `fetch` tells nothing of an upload's progress.
 *
 * @param {string} url
 * @param {Record<string, string>} headers what is signed, so what has to be sent
 * @param {Blob} blob
 * @param {(loaded: number) => void} onProgress
 * @returns {import("./answer.js").Request}
 */
export function put(url, headers, blob, onProgress) {
  /** @type {XMLHttpRequest} */
  let xhr;
  const send = async () => {
    xhr = open(url, headers);
    xhr.upload.onprogress = ({ loaded }) => onProgress(loaded);
    await new Promise(resolve => {
      xhr.onloadend = resolve;
      xhr.send(blob);
    });
    const { status } = xhr;
    if (status >= 200 && status < 300) return etag(xhr);
    throw status ? refusal(xhr) : await breakdown(blob);
  };
  return { work: send(), abort: () => xhr?.abort() };
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
    return failure("file_unreadable", "The file cannot be read: it was moved, deleted or changed since it was chosen, or it is a folder. Choose it again.");
  }
  return failure("network", "The connection to the store failed, or the store does not let this page in (its CORS rules).");
}
