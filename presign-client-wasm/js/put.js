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
  } catch (error) {
    throw failure("unexpected_answer", `The server granted an upload that this browser cannot send: ${error instanceof Error ? error.message : error}`);
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
 * @param {XMLHttpRequest} xhr
 */
function refusal({ status, responseText }) {
  const xml = typeof DOMParser === "undefined" ? undefined : new DOMParser().parseFromString(responseText, "text/xml");
  /** @param {string} name */
  const element = name => xml?.getElementsByTagName(name)[0]?.textContent || undefined;
  const storeCode = element("Code");
  const details = { status, storeCode, requestId: element("RequestId") };
  if (status === 412) return failure("store_refused", "The store already has an object of this key and may not overwrite it.", details);
  const said = element("Message")?.replace(/\.$/, "");
  const message = `The store refused the file${said ? `: ${said}` : ""} (${[status, storeCode].filter(Boolean).join(" ")}).`;
  return failure("store_refused", message, details);
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
