// Files dropped on an element; folders are walked.
export function dropzone(element, onFiles, onError) {
  let depth = 0; // dragenter and dragleave also fire for children
  const over = (n) => { depth = n; element.toggleAttribute("data-over", depth > 0); };
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

  // A file dropped beside the zone would otherwise replace the page.
  for (const type of ["dragover", "drop"]) {
    window.addEventListener(type, (event) => { if (hasFiles(event)) event.preventDefault(); });
  }
  element.addEventListener("dragenter", (event) => { if (hasFiles(event)) over(depth + 1); });
  element.addEventListener("dragleave", (event) => { if (hasFiles(event)) over(Math.max(0, depth - 1)); });
  element.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over(0);
    filesOf(event.dataTransfer).then(onFiles, onError);
  });
}

async function filesOf(transfer) {
  // All must be taken before the first await: the transfer empties itself afterwards.
  const taken = [...transfer.items].map((item) => [item.webkitGetAsEntry?.(), item.getAsFileSystemHandle?.()]).filter(([entry]) => entry);
  return taken.length ? (await Promise.all(taken.map(([entry, handle]) => walk(entry, handle)))).flat() : [...transfer.files];
}

/** `handle` is a promise of where the entry is, which not every browser has: an upload of the file can go on later without choosing it again. */
async function walk(entry, handle) {
  const known = (await handle?.catch(() => undefined)) ?? undefined;
  if (entry.isFile) {
    const file = await new Promise((ok, fail) => entry.file(ok, fail));
    return [known ? { name: file.name, blob: file, handle: known } : file];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) { // readEntries answers in portions, an empty one last
    const portion = await new Promise((ok, fail) => reader.readEntries(ok, fail));
    if (!portion.length) break;
    for (const child of portion) found.push(...(await walk(child, within(known, child))));
  }
  return found;
}

const within = (folder, { isFile, name }) => (isFile ? folder?.getFileHandle(name) : folder?.getDirectoryHandle(name));
