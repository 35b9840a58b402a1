// Rows on their way: begun, followed, stopped and gone on with.
import { upload } from "/presign-client/index.js";
import { handIn } from "./hand-in.js";
import { ended } from "./list.js";
import { endText, noteText } from "./messages.js";
import { announce } from "./results.js";

/**
 * Begins an upload of all these rows. `update(row, values)` shows a change, `onChange()` hears that the uploads that could be resumed may be
 * others now. `begin` is what starts it: `upload`, or the `resume` of an earlier one.
 */
export function transfer(rows, { update, onChange, begin = upload }) {
  // A row tried again belongs to its newest run; what an older run still reports is ignored.
  const run = { rows, update, onChange };
  for (const row of rows) update(row, { run, state: "waiting", progress: undefined, error: undefined, note: undefined });
  const failAll = (error) => {
    const shown = { message: error?.message ?? String(error), retryable: true };
    for (const row of rows) settle(run, row, { status: "failed", error: shown });
  };
  try {
    const task = begin(rows.map((row) => row.source), { onEvent: (event) => follow(run, event) });
    rows.forEach((row, index) => { row.control = (action) => task[action](index); });
    task.then((results) => results.forEach((result) => settle(run, rows[result.index], result)), failAll).finally(onChange);
  } catch (error) {
    failAll(error);
  }
}

export function pause(row) {
  row.control("pause");
  row.run.update(row, { state: "paused" });
}

export function resume(row) {
  row.run.update(row, { state: "waiting" });
  row.control("resume");
}

function follow(run, event) {
  const row = run.rows[event.index];
  if (event.type === "end") return settle(run, row, event.result);
  if (row.run !== run || ended(row)) return;
  const values = whatChanged(row, event);
  // What was under way when it was paused may still be heard of.
  if (row.state === "paused") delete values.state;
  run.update(row, values);
  if (!values.note) return;
  announce(`${row.name}: ${values.note}`);
  run.onChange();
}

function whatChanged(row, event) {
  switch (event.type) {
    case "start": return { state: "uploading" };
    case "progress": return { state: "uploading", progress: event.file };
    case "retry": return { state: "retrying", delay: event.delay, error: event.error };
    case "resume":
    case "restart": return { note: noteText(row, event) };
    default: return {};
  }
}

function settle(run, row, result) {
  if (row.run !== run || ended(row)) return;
  run.update(row, { state: result.status, error: result.error, receipt: result.receipt });
  announce(endText(row));
  // Where the server does not look whether files arrive, there are no receipts.
  if (row.receipt) handIn(row, run.update);
}
