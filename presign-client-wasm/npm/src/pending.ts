// Uploads that were begun earlier.
import { discard } from "../../js/course.js";
import { resumable } from "../../js/pending.js";
import { rejected } from "./errors.js";
import type { Engine } from "./engine.js";
import { endpoint } from "./options.js";
import { begin } from "./task.js";
import type { EndpointOptions, PendingUpload } from "./types.js";

/** Chromium's own, which TypeScript does not know yet. */
interface AskingHandle extends FileSystemFileHandle {
  requestPermission?(mode: { mode: "read" }): Promise<PermissionState>;
}

export async function pendingUploads(engine: () => Promise<Engine>, options: EndpointOptions): Promise<readonly PendingUpload[]> {
  const at = endpoint(options);
  const uploads = await resumable(at.url).work;
  return uploads.map(({ id, token, handle, name, size, type, loaded, startedAt, expiresAt }) => ({
    name,
    size,
    type,
    loaded,
    startedAt: new Date(startedAt),
    expiresAt: new Date(expiresAt),
    file: () => opened(handle),
    resume: (file, more) => begin(engine, [file], { ...options, ...more }, id),
    discard: () => discard(at, { token, id }).work.catch(rejected),
  }));
}

/** A file that was moved is as good as none. */
async function opened(handle: AskingHandle | undefined): Promise<File | undefined> {
  try {
    if ((await handle?.requestPermission?.({ mode: "read" })) === "denied") return undefined;
    return await handle?.getFile();
  } catch {
    return undefined;
  }
}
