// A selection as people make them: every size, and names that have broken uploads before.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytes } from "./bytes.mjs";
import { temporaryFolder } from "./folder.mjs";
import { digestOfFile } from "./sha256.mjs";
import { sparseFile } from "./sparse.mjs";

const MEGABYTE = 1_000_000;

const NAMES = [
  "plain.txt",
  "no-extension",
  ".hidden",
  "UPPER.JPEG",
  "two spaces  and more.txt",
  " begins with a space.txt",
  "dots...in...it..txt",
  "100%.txt",
  "%41 is an escape.txt",
  "%zz is none.txt",
  "%2F%2E%2E%2Fpasswd.txt",
  "salt & pepper.txt",
  "&amp;.txt",
  "one+one.txt",
  "number #1.txt",
  "what?.txt",
  "it's.txt",
  'the "best".txt',
  "back`tick$(x).txt",
  "<b>bold<b>.html",
  "a=b;c,d@e!.txt",
  "[1]{2}(3).txt",
  "star*pipe|colon:.txt",
  "Grüße aus Köln.txt",
  "Gru\u0308ße, decomposed.txt",
  "日本語の写真.png",
  "صورة.png",
  "תמונה.png",
  "Привет.txt",
  "🎉👩‍👩‍👧.gif",
  "x".repeat(251) + ".txt", // 255 bytes, what a file system allows
  "é".repeat(125) + ".txt", // 254 bytes, in UTF-8
  "長".repeat(83) + ".png", // 253 bytes
];

/** Writes the selection to disk: `{ path, name, size, sha256 }` of each, no two with the same contents. */
export async function makeSelection() {
  const folder = await temporaryFolder("selection");
  const write = async (name, contents, parent = folder.path) => {
    const path = join(parent, name);
    await writeFile(path, contents);
    return { path, name };
  };
  const files = [
    await write("empty.bin", ""),
    await write("one byte.bin", "1"),
    await write("five megabytes.bin", bytes(5, 5 * MEGABYTE)),
    await sparseFile(folder.path, "300 MB.bin", 300 * MEGABYTE),
  ];
  for (const [seed, name] of NAMES.entries()) files.push(await write(name, bytes(100 + seed, 1000 + seed)));
  for (const [seed, parent] of ["here", "there"].entries()) {
    await mkdir(join(folder.path, parent));
    files.push(await write("twin.txt", bytes(200 + seed, 2000 + seed), join(folder.path, parent)));
  }
  for (const file of files) Object.assign(file, await digestOfFile(file.path));
  return { files, remove: folder.remove };
}
