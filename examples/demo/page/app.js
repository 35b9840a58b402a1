// The page: choose, upload, see each file arrive.
import { upload, limits } from "/presign-client/index.js";
import { dropzone } from "./dropzone.js";
import { pace, size } from "./format.js";
import { active, change, createRow, ended } from "./list.js";
import { endText, limitsText, why } from "./messages.js";

const $ = (id) => document.getElementById(id);
const rows = [];
let allowed;

const say = (text) => { $("message").textContent = text; };

function add(files) {
  const added = [...files].map((file) => createRow(file, { onCancel: cancel, onRetry: (row) => start([row]) }));
  if (!added.length) return say("There are no files in what was dropped.");
  rows.push(...added);
  $("files").append(...added.map((row) => row.li));
  $("empty").hidden = rows.length > 0;
  const large = added.filter((row) => allowed && row.file.size > allowed.maxSize);
  say(large.length ? `Larger than ${size(allowed.maxSize)}, so likely to be refused: ${large.map((r) => r.file.name).join(", ")}` : "");
}

function start(chosen) {
  // A second click while files are on their way asks for nothing.
  if (!chosen.length) return say(rows.some(active) ? "" : "Choose files first.");
  say("");
  // A row tried again belongs to its newest run; what an older run still reports is ignored.
  const run = { rows: chosen };
  for (const row of chosen) update(row, { run, state: "waiting", progress: undefined, error: undefined });
  const failAll = (error) => {
    const shown = { message: error?.message ?? String(error), retryable: true };
    for (const row of chosen) if (row.run === run && !ended(row)) finish(row, { state: "failed", error: shown });
  };
  try {
    const task = upload(chosen.map((row) => row.file), { onEvent: (event) => follow(run, event) });
    chosen.forEach((row, index) => { row.stop = () => task.cancel(index); });
    task.then((results) => results.forEach((result) => settle(run, chosen[result.index], result)), failAll);
  } catch (error) {
    failAll(error);
  }
}

function follow(run, event) {
  const row = run.rows[event.index];
  if (event.type === "end") return settle(run, row, event.result);
  if (row.run !== run || ended(row)) return;
  if (event.type === "start") update(row, { state: "uploading" });
  else if (event.type === "progress") update(row, { state: "uploading", progress: event.file });
  else if (event.type === "retry") update(row, { state: "retrying", delay: event.delay, error: event.error });
}

function settle(run, row, result) {
  if (row.run === run && !ended(row)) finish(row, { state: result.status, error: result.error });
}

function finish(row, values) {
  update(row, values);
  const line = document.createElement("div");
  line.textContent = endText(row);
  if (!$("status").children.length) $("status").textContent = "";
  $("status").append(line);
}

function cancel(row) {
  if (active(row)) row.stop?.();
  else if (row.state === "ready") remove(row);
}

// One that has not begun leaves no trace. Whoever removed it by the keyboard goes on from the row that takes its place.
function remove(row) {
  const [at, hadFocus] = [rows.indexOf(row), row.li.contains(document.activeElement)];
  rows.splice(at, 1);
  row.li.remove();
  $("empty").hidden = rows.length > 0;
  if (hadFocus) ((rows[at] ?? rows[at - 1])?.li ?? $("files-heading")).focus();
}

function update(row, values) { change(row, values, overall); }

function overall() {
  const begun = rows.filter((row) => row.state !== "ready" && row.state !== "cancelled");
  const running = begun.filter(active);
  if ($("cancel-all") === document.activeElement && !running.length) $("files-heading").focus();
  $("overall").hidden = begun.length < 2;
  $("cancel-all").hidden = running.length === 0;
  const total = begun.reduce((sum, row) => sum + row.file.size, 0);
  const loaded = begun.reduce((sum, row) => sum + (row.state === "done" ? row.file.size : active(row) ? row.progress?.loaded ?? 0 : 0), 0);
  const count = (state) => begun.filter((row) => row.state === state).length;
  const [done, failed] = [count("done"), count("failed")];
  const bytesPerSecond = running.reduce((sum, row) => sum + (row.progress?.bytesPerSecond ?? 0), 0);
  $("overall").querySelector("progress").value = total ? loaded / total : done / (begun.length || 1);
  const left = running.reduce((sum, row) => sum + row.file.size - (row.progress?.loaded ?? 0), 0);
  const speed = running.length ? pace({ bytesPerSecond, secondsLeft: left / bytesPerSecond }) : "";
  $("overall-text").textContent = `${done} of ${begun.length} uploaded${failed ? `, ${failed} failed` : ""}, ${size(loaded)} of ${size(total)}${speed}`;
}

$("selector").addEventListener("change", ({ target }) => {
  add(target.files);
  target.value = ""; // so that the same file can be chosen again
});
$("upload").addEventListener("click", () => start(rows.filter((row) => row.state === "ready")));
$("cancel-all").addEventListener("click", () => rows.filter(active).forEach(cancel));
dropzone($("dropzone"), add, () => say("What was dropped could not be read. Choose the files with the button instead."));
window.addEventListener("beforeunload", (event) => { if (rows.some(active)) event.preventDefault(); });

limits().then(
  (answer) => { allowed = answer; $("limits").textContent = limitsText(answer); },
  (error) => say(`The limits could not be read: ${why(error)}`),
);
