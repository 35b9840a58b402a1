// What each state of a file is called, in words.
import { duration, pace, size } from "./format.js";

const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);

export function stateText(row) {
  switch (row.state) {
    case "ready": return "Ready to upload";
    case "waiting": return "Waiting";
    case "uploading": return `${Math.floor((row.progress?.fraction ?? 0) * 100)} %${row.progress ? pace(row.progress) : ""}`;
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
  if (row.state === "done") return `Uploaded ${row.file.name}.`;
  if (row.state === "failed") return `Failed: ${row.file.name}. ${why(row.error)}`;
  return `Cancelled ${row.file.name}.`;
}

export function limitsText({ maxSize, types }) {
  return `Up to ${size(maxSize)} each, ${types?.length ? types.join(", ") : "any type"}`;
}
