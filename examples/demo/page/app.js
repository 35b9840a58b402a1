// The page: choose, upload, see each file arrive.
import { limits } from "/presign-client/index.js";
import { dropzone } from "./dropzone.js";
import { size } from "./format.js";
import { handIn } from "./hand-in.js";
import { active, change, createRow, moving } from "./list.js";
import { limitsText, why } from "./messages.js";
import { paintOverall } from "./overall.js";
import { pause, resume, transfer } from "./transfer.js";
import { unfinished } from "./unfinished.js";

const $ = (id) => document.getElementById(id);
const rows = [];
let allowed;

const say = (text) => { $("message").textContent = text; };
const update = (row, values) => change(row, values, () => paintOverall(rows));

const listUnfinished = unfinished({
  onResume(upload, file) {
    const [row] = list([file]);
    begin([row], ([source], options) => upload.resume(source, options));
    return row.li;
  },
  isBusy: (upload) => rows.some((row) => active(row) && row.name === upload.name && row.size === upload.size),
});

function list(sources) {
  const added = sources.map((source) => createRow(source, { onPause: toggle, onCancel: cancel, onRetry: again }));
  rows.push(...added);
  $("files").append(...added.map((row) => row.li));
  $("empty").hidden = rows.length > 0;
  return added;
}

function add(sources) {
  const added = list([...sources]);
  if (!added.length) return say("There are no files in what was dropped.");
  const large = added.filter((row) => allowed && row.size > allowed.maxSize);
  say(large.length ? `Larger than ${size(allowed.maxSize)}, so likely to be refused: ${large.map((row) => row.name).join(", ")}` : "");
}

function start(chosen) {
  // A second click while files are on their way asks for nothing.
  if (!chosen.length) return say(rows.some(active) ? "" : "Choose files first.");
  begin(chosen);
}

function begin(chosen, how) {
  say("");
  transfer(chosen, { update, onChange: listUnfinished, begin: how });
}

function again(row) {
  if (row.state === "done") handIn(row, update);
  else start([row]);
}

function toggle(row) {
  if (row.state === "paused") resume(row);
  else if (moving(row)) pause(row);
}

function cancel(row) {
  if (active(row)) row.control?.("cancel");
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

$("selector").addEventListener("change", ({ target }) => {
  add(target.files);
  target.value = ""; // so that the same file can be chosen again
});
$("upload").addEventListener("click", () => start(rows.filter((row) => row.state === "ready")));
$("pause-all").addEventListener("click", () => rows.filter(moving).forEach(pause));
$("resume-all").addEventListener("click", () => rows.filter((row) => row.state === "paused").forEach(resume));
$("cancel-all").addEventListener("click", () => rows.filter(active).forEach(cancel));
dropzone($("dropzone"), add, () => say("What was dropped could not be read. Choose the files with the button instead."));
// Whatever goes in parts can go on later, but not by itself: whoever leaves by mistake is asked all the same.
window.addEventListener("beforeunload", (event) => { if (rows.some(active)) event.preventDefault(); });

limits().then(
  (answer) => { allowed = answer; $("limits").textContent = limitsText(answer); },
  (error) => say(`The limits could not be read: ${why(error)}`),
);
