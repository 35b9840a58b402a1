// Uploads that were begun earlier.
import { abandon } from "../../js/course.js";
import { rememberedParts, resumable, type Pending } from "../../js/pending.js";
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
  const uploads = await resumable(endpoint(options).url);
  return Promise.all(uploads.map(upload => described(engine, options, upload)));
}

async function described(engine: () => Promise<Engine>, options: EndpointOptions, upload: Pending): Promise<PendingUpload> {
  const { id, name, size, type, partSize, token, handle } = upload;
  const parts = await rememberedParts(id);
  return {
    name,
    size,
    type,
    loaded: Math.min(parts.length * partSize, size),
    startedAt: new Date(upload.startedAt),
    expiresAt: new Date(upload.expiresAt),
    file: () => opened(handle),
    resume: (file, more) => begin(engine, [file], { ...options, ...more }, id),
    discard: () => abandon(endpoint(options), token, id).catch(rejected),
  };
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
