// The package uploading to the tests' own server, in Node, with a fake XMLHttpRequest.
import "./xhr.mjs";
import { upload } from "presign-client";

/** Failures are tried again at once. */
export const QUICK = { minDelay: 0, maxDelay: 0 };

/** `upload()` to `server`. The task has the events too, as they come. */
export function send(server, files, options = {}) {
  const events = [];
  const onEvent = event => {
    events.push(event);
    options.onEvent?.(event);
  };
  const task = upload(files, { endpoint: server.endpoint, retry: QUICK, ...options, onEvent });
  return Object.assign(task, { events });
}

/** A file whose content is its name. */
export const file = (name, type = "text/plain") => new File([`This is ${name}.`], name, { type });

/** So many files, "0.txt" and on. */
export const files = count => Array.from({ length: count }, (_, index) => file(`${index}.txt`));

export const statuses = results => results.map(({ status }) => status);
