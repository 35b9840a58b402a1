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
  // Entries must be taken before the first await: the transfer empties itself afterwards.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  return entries.length ? (await Promise.all(entries.map(walk))).flat() : [...transfer.files];
}

async function walk(entry) {
  if (entry.isFile) return [await new Promise((ok, fail) => entry.file(ok, fail))];
  const reader = entry.createReader();
  const found = [];
  for (;;) { // readEntries answers in portions, an empty one last
    const portion = await new Promise((ok, fail) => reader.readEntries(ok, fail));
    if (!portion.length) break;
    for (const child of portion) found.push(...(await walk(child)));
  }
  return found;
}
