// What must compile: the package as pages use it. Nothing here is run.
import {
  limits,
  pendingUploads,
  PresignError,
  upload,
  type Api,
  type ClientErrorCode,
  type EndpointOptions,
  type ErrorCode,
  type FileProgress,
  type Limits,
  type Metadata,
  type NamedBlob,
  type ObjectChecksum,
  type PendingUpload,
  type Progress,
  type ProgressNumbers,
  type RetryOptions,
  type ServerErrorCode,
  type UploadCancelled,
  type UploadDone,
  type UploadError,
  type UploadEvent,
  type UploadFailed,
  type UploadOptions,
  type UploadResult,
  type UploadSource,
  type UploadSources,
  type UploadTask,
} from "presign-client";
import * as web from "presign-client/web";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<_Claim extends true>(): void {}

// What may be given: a FileList, whatever can be iterated, files and named blobs side by side.
export function sources(input: HTMLInputElement, drop: DragEvent, file: File, handle: FileSystemFileHandle): UploadTask[] {
  const named: NamedBlob = { name: "note.txt", blob: new Blob(["hello"], { type: "text/plain" }) };
  function* generated(): Generator<UploadSource> {
    yield file;
    yield named;
  }
  const frozen: readonly File[] = Object.freeze([file]);
  const given: UploadSources = new Set([file]);
  return [
    upload(input.files ?? []),
    ...(drop.dataTransfer ? [upload(drop.dataTransfer.files)] : []),
    upload([]),
    upload([file, named]),
    upload([{ name: "photo.png", blob: file.slice(0, 10) }]),
    upload([{ name: file.name, blob: file, handle }]),
    upload(frozen),
    upload(given),
    upload(new Map([["a", file]]).values()),
    upload(generated()),
  ];
}

// Every option, one by one and all together, written here or made elsewhere.
export function options(files: FileList, controller: AbortController): UploadTask {
  upload(files, {});
  upload(files, { endpoint: "/api/uploads" });
  upload(files, { headers: { authorization: "Bearer t" } });
  upload(files, { headers: [["authorization", "Bearer t"]] });
  upload(files, { headers: new Headers() });
  upload(files, { headers: () => ({ authorization: "Bearer t" }) });
  upload(files, { headers: async () => new Headers({ authorization: "Bearer t" }) });
  upload(files, { metadata: { album: "summer" } });
  upload(files, { metadata: (source, index) => ({ name: source.name, place: String(index) }) });
  upload(files, { retry: { attempts: 1 } });
  upload(files, { retry: {} });
  const retry: RetryOptions = { attempts: 3, minDelay: 200, maxDelay: 5000 };
  const endpoint: EndpointOptions = { endpoint: "https://example.com/up", credentials: "include" };
  const metadata: Metadata = { album: "summer" };
  const all: UploadOptions = {
    ...endpoint,
    headers: async () => ({ authorization: "Bearer t" }),
    signal: controller.signal,
    concurrency: 3,
    stallTimeout: 10_000,
    resume: false,
    retry,
    metadata,
    onProgress: progress => console.log(progress.fraction),
    onEvent: event => console.log(event.type),
  };
  upload(files, { signal: AbortSignal.timeout(60_000) });
  upload(files, { onProgress() {}, onEvent() {} });
  return upload(files, all);
}

// Results are told apart by `status`, and that is all there is.
export async function results(files: FileList): Promise<string[]> {
  const results = await upload(files);
  holds<Same<typeof results, readonly UploadResult[]>>();
  return results.map(describe);
}

function describe(result: UploadResult): string {
  holds<Same<UploadResult["status"], "done" | "failed" | "cancelled">>();
  const { index, name, size, file }: { index: number; name: string; size: number; file: File | NamedBlob } = result;
  const blob: Blob = "blob" in file ? file.blob : file;
  switch (result.status) {
    case "done": {
      const done: UploadDone = result;
      holds<Same<typeof done.etag, string | undefined>>();
      return `${index}: ${name} of ${size} bytes, ${blob.type}, is ${done.key.toUpperCase()} ${done.etag ?? "without an ETag"}`;
    }
    case "failed": {
      const failed: UploadFailed = result;
      return describeError(failed.error);
    }
    case "cancelled": {
      const cancelled: UploadCancelled = result;
      return `${cancelled.name} was cancelled`;
    }
    default: {
      const nothingElse: never = result;
      return nothingElse;
    }
  }
}

// A filter keeps the kind.
export const keys = (results: readonly UploadResult[]): string[] =>
  results.filter(result => result.status === "done").map(result => result.key);

// Codes are known by name, and a newer server's are codes too.
function describeError(error: UploadError): string {
  const { code, message, retryable, status, storeCode, requestId } = error;
  holds<Same<typeof retryable, boolean>>();
  holds<Same<typeof status, number | undefined>>();
  const details: (string | undefined)[] = [storeCode, requestId];
  switch (code) {
    case "network":
      return "offline?";
    case "file_too_large":
      return "too large";
    case "a_code_that_does_not_exist_yet":
      return "new";
    default:
      return [message, ...details].join(" ");
  }
}
const client: ClientErrorCode = "unsupported";
const server: ServerErrorCode = "too_many_files";
const newer: ErrorCode = "of_a_newer_server";
export const codes: ErrorCode[] = [client, server, newer];
// Were it `string` and no more, an editor would have no names to offer.
holds<Same<Same<ErrorCode, string>, false>>();
holds<Same<Extract<ErrorCode, "network">, "network">>();

// What the application's server says of an object is of the type that the caller knows it to be, wherever it comes.
export async function said(files: FileList, pending: PendingUpload, file: File): Promise<number[]> {
  interface Row {
    readonly id: number;
  }
  const task = upload<Row>(files, { onEvent: event => (event.type === "end" && event.result.status === "done" ? event.result.data.id : 0) });
  holds<Same<typeof task, UploadTask<Row>>>();
  for await (const event of task) holds<Same<typeof event, UploadEvent<Row>>>();
  const results: readonly UploadResult<Row>[] = [...(await task), ...(await pending.resume<Row>(file))];
  const done = results.filter((result): result is UploadDone<Row> => result.status === "done");
  const checksums: (ObjectChecksum | undefined)[] = done.map(({ checksum }) => checksum);
  const receipts: (string | undefined)[] = done.flatMap(({ receipt, type, etag }) => [receipt, type, etag]);
  console.log(receipts, checksums.map((checksum) => `${checksum?.crc} ${checksum?.value}`));
  const [first] = await upload(files);
  if (first?.status === "done") holds<Same<typeof first.data, unknown>>();
  return done.map(({ data }) => data.id);
}

// Events are told apart by `type`, and that is all there is.
export async function events(files: FileList): Promise<void> {
  const task = upload(files);
  for await (const event of task) {
    holds<Same<typeof event, UploadEvent>>();
    follow(event);
  }
  const [first] = await task;
  holds<Same<typeof first, UploadResult | undefined>>();
}

function follow(event: UploadEvent): number {
  const index: number = event.index;
  switch (event.type) {
    case "start":
      return index;
    case "progress": {
      const file: FileProgress = event.file;
      const progress: Progress = event.progress;
      const numbers: ProgressNumbers[] = [file, progress];
      return numbers.reduce((sum, { loaded, total, fraction, bytesPerSecond, secondsLeft }) => {
        return sum + loaded / total + fraction + bytesPerSecond + (secondsLeft ?? 0);
      }, progress.files.done + progress.files.failed + progress.files.cancelled + progress.files.total + file.index);
    }
    case "resume":
      return event.loaded;
    case "restart":
      return event.error.message.length;
    case "retry":
      return event.error.status ?? event.attempt + event.delay + (event.part ?? 0);
    case "end":
      return event.result.status === "done" ? event.result.key.length : event.progress.fraction;
    default: {
      const nothingElse: never = event;
      return nothingElse;
    }
  }
}

// A task is a promise, an iterable and what controls it, all in one.
export async function tasks(files: FileList): Promise<void> {
  const task: UploadTask = upload(files);
  task.pause();
  task.pause(0);
  task.resume();
  task.resume(0);
  task.cancel();
  task.cancel(0);
  const iterator: AsyncIterator<UploadEvent> = task[Symbol.asyncIterator]();
  await iterator.next();
  await task.then(results => results.length).finally(() => {});
  const [mine, theirs] = await Promise.all([task, upload([])]);
  holds<Same<typeof mine, typeof theirs>>();
}

// What was begun earlier goes on by a file that the browser finds, or that the user chooses.
export async function unfinished(chosen: File): Promise<UploadTask[]> {
  const pending: readonly PendingUpload[] = await pendingUploads({ endpoint: "/up" });
  const tasks: UploadTask[] = [];
  for (const upload of pending) {
    const { name, size, type, loaded, startedAt, expiresAt }: PendingUpload = upload;
    holds<Same<typeof startedAt, Date>>();
    console.log(name, type, loaded / size, expiresAt.getTime());
    if (size === 0) await upload.discard();
    else tasks.push(upload.resume((await upload.file()) ?? chosen, { onProgress() {} }));
  }
  return tasks;
}

// What may be uploaded; what goes wrong is an Error with an UploadError's own names.
export async function ask(input: HTMLInputElement): Promise<void> {
  try {
    const { minSize, maxSize, types, maxFiles, metadata, expiresIn, multipartThreshold, partSize }: Limits = await limits({ endpoint: "/up", headers: {} });
    input.accept = types?.join() ?? "";
    console.log(minSize + maxSize + maxFiles + expiresIn, multipartThreshold ?? partSize, metadata.includes("album"));
    await limits();
  } catch (error) {
    if (!(error instanceof PresignError)) throw error;
    const asError: Error = error;
    const asUploadError: UploadError = error;
    holds<Same<typeof error.name, "PresignError">>();
    console.log(asError.message, asError.stack, describeError(asUploadError), error.code, error.status, error.retryable);
  }
}

// The other entry point has the same, so that an application can take either.
export const either: Api[] = [{ upload, pendingUploads, limits }, web, { upload: web.upload, pendingUploads: web.pendingUploads, limits: web.limits }];
export const sameKind = async (files: FileList): Promise<readonly web.UploadResult[]> => upload(files) satisfies web.UploadTask;
export const sameError = (error: unknown): boolean => error instanceof web.PresignError && error.code === "network";
