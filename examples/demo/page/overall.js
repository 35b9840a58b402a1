// All files together: how far they are, and what can be done with all of them.
import { pace, size } from "./format.js";
import { active, moving } from "./list.js";

const $ = (id) => document.getElementById(id);

export function paintOverall(rows) {
  const begun = rows.filter((row) => row.state !== "ready" && row.state !== "cancelled");
  const open = begun.filter(active);
  const running = begun.filter(moving);
  $("overall").hidden = begun.length < 2;
  offer({ "pause-all": running.length > 0, "resume-all": running.length < open.length, "cancel-all": open.length > 0 });
  const sent = (row) => (row.state === "done" ? row.size : active(row) ? row.progress?.loaded ?? 0 : 0);
  const sum = (some, of) => some.reduce((all, row) => all + of(row), 0);
  const count = (state) => begun.filter((row) => row.state === state).length;
  const [done, failed, paused] = [count("done"), count("failed"), count("paused")];
  const [total, loaded] = [sum(begun, (row) => row.size), sum(begun, sent)];
  $("overall").querySelector("progress").value = total ? loaded / total : done / (begun.length || 1);
  const bytesPerSecond = sum(running, (row) => row.progress?.bytesPerSecond ?? 0);
  const left = sum(running, (row) => row.size - sent(row));
  const speed = running.length ? pace({ bytesPerSecond, secondsLeft: left / bytesPerSecond }) : "";
  const others = `${failed ? `, ${failed} failed` : ""}${paused ? `, ${paused} paused` : ""}`;
  $("overall-text").textContent = `${done} of ${begun.length} uploaded${others}, ${size(loaded)} of ${size(total)}${speed}`;
}

/** Shows the buttons that do something. Whoever is on one that goes gets to one that stays: from "Pause all" to "Resume all", and back. */
function offer(useful) {
  const ids = Object.keys(useful);
  const left = ids.find((id) => $(id) === document.activeElement && !useful[id]);
  for (const id of ids) $(id).hidden = !useful[id];
  if (left) ($("overall").querySelector("button:not([hidden])") ?? $("files-heading")).focus();
}
