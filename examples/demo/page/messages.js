// What each state of a file is called, in words.
import { duration, moment, pace, percent, size } from "./format.js";

const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);

export function stateText(row) {
  switch (row.state) {
    case "ready": return "Ready to upload";
    case "waiting": return "Waiting";
    case "uploading": return `${percent(row.progress?.fraction ?? 0)}${row.progress ? pace(row.progress) : ""}`;
    case "paused": return `Paused at ${percent(row.progress?.fraction ?? 0)}`;
    case "retrying": return `${navigator.onLine ? `Retrying in ${duration(row.delay / 1000)}` : "Waiting for the network"}: ${row.error.message}`;
    case "done": return "Uploaded";
    case "failed": return why(row.error);
    default: return "Cancelled";
  }
}

export function why(error) {
  const todo = error.retryable ? " You can try again." : "";
  return sentence(error.message) + todo;
}

export function endText(row) {
  if (row.state === "done") return `Uploaded ${row.name}.`;
  if (row.state === "failed") return `Failed: ${row.name}. ${why(row.error)}`;
  return `Cancelled ${row.name}.`;
}

/** Where a file went on, or why it could not. */
export function noteText(row, event) {
  if (event.type === "resume") return `Continued at ${percent(event.loaded / row.size)}.`;
  return `Sent from its beginning. ${sentence(event.error.message)}`;
}

export function unfinishedText({ size: bytes, loaded, startedAt, expiresAt }) {
  return `${percent(loaded / bytes)} is there. Begun ${moment(startedAt)}, can go on until ${moment(expiresAt)}.`;
}

export function differsText(file, upload) {
  return `${file.name} is another file: it has ${file.size} bytes, and ${upload.name} had ${upload.size}. Choose it again.`;
}

export function limitsText({ maxSize, types }) {
  return `Up to ${size(maxSize)} each, ${types?.length ? types.join(", ") : "any type"}`;
}
