// One row for each file, painted at most once a frame.
import { size } from "./format.js";
import { stateText } from "./messages.js";

const dirty = new Set();
const ENDED = ["done", "failed", "cancelled"];
export const ended = (row) => ENDED.includes(row.state);
export const active = (row) => ["waiting", "uploading", "retrying"].includes(row.state);

function make(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

export function createRow(file, { onCancel, onRetry }) {
  const row = { file, state: "ready", progress: undefined, error: undefined };
  const li = make("li", "file");
  li.dataset.name = file.name;
  li.tabIndex = -1;
  row.bar = document.createElement("progress");
  row.bar.setAttribute("aria-label", `Progress of ${file.name}`);
  row.text = make("p", "state");
  row.cancel = make("button", "cancel");
  row.retry = make("button", "retry", "Try again");
  row.retry.setAttribute("aria-label", `Try again ${file.name}`);
  row.cancel.type = row.retry.type = "button";
  row.cancel.addEventListener("click", () => onCancel(row));
  row.retry.addEventListener("click", () => onRetry(row));
  li.append(make("p", "name", file.name), make("p", "size", size(file.size)), row.bar, row.text, row.cancel, row.retry);
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
  row.cancel.textContent = row.state === "ready" ? "Remove" : "Cancel";
  row.cancel.setAttribute("aria-label", `${row.cancel.textContent} ${row.file.name}`);
  row.cancel.hidden = ended(row);
  row.retry.hidden = !(row.state === "cancelled" || (row.state === "failed" && row.error.retryable));
  // A hidden button would drop the focus to the top of the page.
  if (focused && document.activeElement !== row.li && (document.activeElement.hidden || document.activeElement === document.body)) {
    (row.retry.hidden ? row.li : row.retry).focus();
  }
}
