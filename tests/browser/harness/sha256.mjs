// SHA-256 of things too large to hold.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** The digest of chunks, in hexadecimal, and how many bytes they had. */
export async function digest(chunks) {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { sha256: hash.digest("hex"), size };
}

export const digestOfFile = path => digest(createReadStream(path, { highWaterMark: 1 << 20 }));
