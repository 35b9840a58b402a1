// What is to be uploaded, as the engine takes it.
import type { Metadata, UploadOptions, UploadSource, UploadSources } from "./types.js";

export interface Source {
  readonly name: string;
  readonly blob: Blob;
  readonly metadata: Metadata;
  readonly handle: FileSystemFileHandle | undefined;
}

/** A list of its own, so that nobody changes it meanwhile: an input's `FileList` empties itself with its input. */
export function listed(given: UploadSources): readonly UploadSource[] {
  if (given === null || typeof given !== "object" || !(Symbol.iterator in given)) {
    throw new TypeError(`upload() takes a FileList or other files to iterate over, such as [file]; got ${kind(given)}`);
  }
  return Array.from(given);
}

export function sources(files: readonly UploadSource[], metadata: UploadOptions["metadata"] = {}): readonly Source[] {
  return files.map((file, index) => {
    const blob = file instanceof Blob ? file : file?.blob;
    if (!(blob instanceof Blob) || typeof file.name !== "string") {
      throw new TypeError(`upload(): what is at index ${index} is neither a File nor { name, blob }, but ${kind(file)}`);
    }
    const handle = "handle" in file ? file.handle : undefined;
    return { name: file.name, blob, handle, metadata: texts(typeof metadata === "function" ? metadata(file, index) : metadata, index) };
  });
}

/** One request asks for many files: metadata that no server could read would fail them all. */
function texts(metadata: Metadata, index: number): Metadata {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => {
    if (typeof value !== "string") throw new TypeError(`upload(): metadata.${name} at index ${index} is no text`);
    // Half a character, as slice() leaves of an emoji, cannot be sent.
    return [name, value.replace(/\p{Surrogate}/gu, "\ufffd")];
  });
  return Object.fromEntries(entries) as Metadata;
}

function kind(value: unknown): string {
  if (value === null || typeof value !== "object") return String(value);
  return value.constructor?.name ?? "an object";
}
