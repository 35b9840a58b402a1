// One row for each file, painted at most once a frame.
import { make, makeButton } from "./dom.js";
import { size } from "./format.js";
import { proofText, stateText } from "./messages.js";

const dirty = new Set();
const ENDED = ["done", "failed", "cancelled"];
export const ended = (row) => ENDED.includes(row.state);
export const moving = (row) => ["waiting", "uploading", "retrying"].includes(row.state);
export const active = (row) => moving(row) || row.state === "paused";

/** `source` is a `File` or `{ name, blob, handle }`. */
export function createRow(source, { onPause, onCancel, onRetry }) {
  const { name, size: bytes = source.blob?.size } = source;
  const row = { source, name, size: bytes, state: "ready", progress: undefined, error: undefined, note: undefined };
  Object.assign(row, { receipt: undefined, kept: undefined, refused: undefined });
  const li = make("li", "file");
  li.dataset.name = name;
  li.tabIndex = -1;
  row.bar = document.createElement("progress");
  row.bar.setAttribute("aria-label", `Progress of ${name}`);
  row.text = make("p", "state");
  row.noteText = make("p", "note");
  row.proof = make("p", "proof");
  row.pause = makeButton("pause", "Pause", () => onPause(row));
  row.cancel = makeButton("cancel", "Cancel", () => onCancel(row));
  row.retry = makeButton("retry", "Try again", () => onRetry(row));
  const buttons = make("div", "buttons");
  buttons.append(row.pause, row.cancel, row.retry);
  li.append(make("p", "name", name), make("p", "size", size(bytes)), row.bar, row.text, buttons, row.proof, row.noteText);
  row.li = li;
  paint(row);
  return row;
}

export function change(row, values, afterPaint) {
  Object.assign(row, values);
  if (dirty.size === 0) requestAnimationFrame(() => { dirty.forEach(paint); dirty.clear(); afterPaint?.(); });
  dirty.add(row);
}

function paint(row) {
  const focused = row.li.contains(document.activeElement);
  row.li.dataset.state = row.state;
  row.bar.value = row.state === "done" ? 1 : row.progress?.fraction ?? 0;
  row.text.textContent = stateText(row);
  row.noteText.textContent = row.note ?? "";
  row.proof.textContent = proofText(row);
  row.proof.toggleAttribute("data-refused", Boolean(row.refused));
  label(row, row.pause, row.state === "paused" ? "Resume" : "Pause");
  label(row, row.cancel, row.state === "ready" ? "Remove" : "Cancel");
  label(row, row.retry, row.refused ? "Hand in again" : "Try again");
  row.pause.hidden = !active(row);
  row.cancel.hidden = ended(row);
  row.retry.hidden = !(row.state === "cancelled" || (row.state === "failed" ? row.error : row.refused)?.retryable);
  // A hidden button would drop the focus to the top of the page.
  if (focused && document.activeElement !== row.li && (document.activeElement.hidden || document.activeElement === document.body)) {
    (row.retry.hidden ? row.li : row.retry).focus();
  }
}

function label(row, button, text) {
  button.textContent = text;
  button.setAttribute("aria-label", `${text} ${row.name}`);
}
