// What each state of a file is called, in words.
import { duration, moment, pace, percent, size } from "./format.js";

/** What can be wrong with a receipt, by the problem's code. */
const RECEIPTS = {
  receipt_invalid: "Its receipt is not the server's own.",
  receipt_foreign: "Its receipt belongs to somebody else.",
  receipt_expired: "Its receipt is too old.",
  receipt_unfit: "It is not what the application takes.",
};

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

/** What the application knows of a file that was handed in, or why it knows nothing. */
export function proofText({ receipt, kept, refused }) {
  if (kept) return `The application has it as ${kept.name}: ${size(kept.size)}, ${kept.type}, proven by its receipt.`;
  if (refused) return `It could not be handed in. ${why(refused)}`;
  return receipt ? "Handing it in" : "";
}

export function handedInText(row) {
  return row.kept ? `Handed in ${row.name}.` : `Not handed in: ${row.name}. ${why(row.refused)}`;
}

/** Why the application takes no file: `problem` is its answer, in the words of RFC 9457, where there is one. */
export function refusedText(status, problem) {
  if (!status) return "The application cannot be reached.";
  return RECEIPTS[problem?.code] ?? `The application answered with status ${status}.`;
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
