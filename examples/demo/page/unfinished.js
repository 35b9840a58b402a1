// Uploads that were begun earlier, perhaps before the page was closed, and can go on.
import { pendingUploads } from "/presign-client/index.js";
import { make, makeButton } from "./dom.js";
import { size } from "./format.js";
import { differsText, unfinishedText, why } from "./messages.js";
import { pickFile } from "./picker.js";
import { announce } from "./results.js";

const $ = (id) => document.getElementById(id);
const keyOf = ({ name, size, startedAt }) => JSON.stringify([name, size, startedAt.getTime()]);
/** What is shown, by what tells it from others. */
const items = new Map();

/**
 * Lists them now, and again whenever the function that it gives is called. `onResume(upload, file)` goes on with one and answers with what
 * has the focus from then on; those of which `isBusy(upload)` says so are not shown.
 */
export function unfinished({ onResume, isBusy }) {
  let [listing, again] = [false, false];
  const list = async () => {
    again = listing;
    if (listing) return;
    listing = true;
    // Where nothing is kept, there is nothing to list.
    const found = await pendingUploads().catch(() => []);
    // What was asked for meanwhile knows better.
    if (!again) show(found.filter((upload) => !isBusy(upload)), onResume);
    listing = false;
    if (again) list();
  };
  list();
  return list;
}

function show(uploads, onResume) {
  const found = new Map(uploads.map((upload) => [keyOf(upload), upload]));
  $("unfinished").hidden = found.size === 0;
  for (const [key, item] of items) if (!found.has(key)) remove(key, item);
  for (const [key, upload] of found) {
    const item = items.get(key) ?? create(key, onResume);
    item.upload = upload;
    paint(item);
  }
}

function create(key, onResume) {
  const item = { key, upload: undefined, hasNoHandle: false, isBusy: false };
  item.li = make("li", "file");
  item.li.tabIndex = -1;
  item.bar = document.createElement("progress");
  [item.name, item.size, item.text, item.note] = ["name", "size", "state", "note"].map((name) => make("p", name));
  item.note.setAttribute("role", "alert");
  const alone = (work) => async () => {
    // A second click while the first one is being seen to asks for nothing.
    if (item.isBusy) return;
    item.isBusy = true;
    item.note.textContent = "";
    await work();
    item.isBusy = false;
  };
  item.resume = makeButton("resume", "Resume", alone(() => resume(item, onResume)));
  item.discard = makeButton("discard", "Discard", alone(() => discard(item)));
  const buttons = make("div", "buttons");
  buttons.append(item.resume, item.discard);
  item.li.append(item.name, item.size, item.bar, item.text, buttons, item.note);
  $("unfinished-list").append(item.li);
  items.set(key, item);
  return item;
}

function paint({ li, bar, name, size: bytes, text, resume, discard, upload }) {
  li.dataset.name = name.textContent = upload.name;
  bytes.textContent = size(upload.size);
  bar.value = upload.loaded / upload.size;
  bar.setAttribute("aria-label", `There is of ${upload.name}`);
  text.textContent = unfinishedText(upload);
  resume.setAttribute("aria-label", `Resume ${upload.name}`);
  discard.setAttribute("aria-label", `Discard ${upload.name}`);
}

async function resume(item, onResume) {
  const { upload } = item;
  const known = item.hasNoHandle ? undefined : await upload.file();
  item.hasNoHandle = !known;
  if (!known) item.note.textContent = `Choose ${upload.name} again, and it goes on.`;
  const file = known ?? (await pickFile($("again")));
  if (!file) return;
  // One of another size cannot be it. One of the same size is compared byte by byte.
  if (file.size !== upload.size) {
    item.note.textContent = differsText(file, upload);
    return;
  }
  onResume(upload, file).focus();
  $("unfinished").hidden = items.size === 1;
  remove(item.key, item);
}

async function discard(item) {
  try {
    await item.upload.discard();
    announce(`Discarded ${item.upload.name}.`);
    $("unfinished").hidden = items.size === 1;
    remove(item.key, item);
  } catch (error) {
    item.note.textContent = `It could not be discarded. ${why(error)}`;
  }
}

/** Whoever was on it goes on from the one that takes its place. */
function remove(key, { li }) {
  const hadFocus = li.contains(document.activeElement);
  const neighbour = li.nextElementSibling ?? li.previousElementSibling;
  items.delete(key);
  li.remove();
  if (hadFocus) (neighbour ?? $("files-heading")).focus();
}
