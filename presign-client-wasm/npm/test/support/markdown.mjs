// What Markdown files say.
import { readFile } from "node:fs/promises";

/** Every `ts` block of the file: the line that it begins at and its text. */
export async function examples(path) {
  const markdown = await readFile(path, "utf8");
  return [...markdown.matchAll(/^```ts\n([^]*?)^```$/gm)].map(({ index, 1: text }) => ({
    line: markdown.slice(0, index).split("\n").length + 1,
    text,
  }));
}

/** The rows of the table whose head begins like this, each a list of its cells. */
export async function table(path, head) {
  const markdown = await readFile(path, "utf8");
  const lines = markdown.split("\n");
  const first = lines.findIndex(line => line.startsWith(head));
  if (first < 0) throw new Error(`there is no table ${head}`);
  const rows = lines.slice(first + 2);
  return rows.slice(0, rows.findIndex(line => !line.startsWith("|"))).map(row => row.split("|").slice(1, -1).map(cell => cell.trim()));
}

/** All that a cell has as code. */
export const codes = cell => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
