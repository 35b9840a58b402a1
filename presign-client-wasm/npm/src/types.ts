// Everything that goes in and comes out.

/** What the package exports. */
export interface Api {
  upload<Data = unknown>(files: UploadSources, options?: UploadOptions<Data>): UploadTask<Data>;
  limits(options?: EndpointOptions): Promise<Limits>;
  pendingUploads(options?: EndpointOptions): Promise<readonly PendingUpload[]>;
}

/** Something to upload: a `File`, or a `Blob` under a name. */
export type UploadSource = File | NamedBlob;

/** Bytes under a name. The content type is the blob's own. */
export interface NamedBlob {
  readonly name: string;
  readonly blob: Blob;
  /** Where the bytes are, from a file picker or a drop: with it an upload can be resumed without choosing the file again. */
  readonly handle?: FileSystemFileHandle | undefined;
}

/** What a page has: an input's or a drop's `FileList`, or anything that can be iterated. */
export type UploadSources = FileList | Iterable<UploadSource>;

/** Where the endpoints are and how they are asked. The store gets none of this. */
export interface EndpointOptions {
  /** Where `presign-layer` is mounted: a path of the page's own origin or a whole URL. Default: `/presignedUrl`. */
  readonly endpoint?: string | undefined;
  /**
   * Headers for the endpoint, such as `authorization`; or a function that is asked for them before each request, so that a token can be
   * renewed during a long upload.
   */
  readonly headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined;
  /** Whether the endpoint gets cookies. Default: `same-origin`. */
  readonly credentials?: RequestCredentials | undefined;
}

/** `Data` is what the application's server has to say about an object. */
export interface UploadOptions<Data = unknown> extends EndpointOptions {
  /** Cancels all files that have not ended when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Files, or parts of files, that are sent at the same time. Default: 6, as many connections as a browser opens to one host over HTTP/1.1. */
  readonly concurrency?: number | undefined;
  /** A request that sends nothing for so many milliseconds has failed, and is tried again. Default: 30,000. */
  readonly stallTimeout?: number | undefined;
  /**
   * Whether what goes in parts can be resumed after the page was closed, and is, when the same bytes are uploaded again under the same name, type
   * and metadata. The browser then remembers each upload until it is complete: those, its size, its token, its parts' checksums. Pages that are not
   * secure (no HTTPS) remember nothing. Default: `true`.
   */
  readonly resume?: boolean | undefined;
  /** How often, and after which wait, what may pass is tried again: no answer, and a status of 408, 429 or 5xx. */
  readonly retry?: RetryOptions | undefined;
  /** Metadata to store with the objects; the server's policy says which names it takes. A function is asked for each file. */
  readonly metadata?: Metadata | ((source: UploadSource, index: number) => Metadata) | undefined;
  /** Is told how far all files together are, up to 20 times a second for each file. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Is told everything that happens. */
  readonly onEvent?: ((event: UploadEvent<Data>) => void) | undefined;
}

/** Names and values. */
export type Metadata = Readonly<Record<string, string>>;

/** The wait is random between nothing and a limit that doubles with each attempt ("full jitter"). */
export interface RetryOptions {
  /** Attempts in all, the first one included; 1 never tries again. Default: 5. */
  readonly attempts?: number | undefined;
  /** The limit of the first wait, in milliseconds. Default: 1,000. */
  readonly minDelay?: number | undefined;
  /** What the limit never grows beyond, in milliseconds. Default: 30,000. */
  readonly maxDelay?: number | undefined;
}

/** What became of one file; `status` tells which. `Data` is what the application's server has to say about an object. */
export type UploadResult<Data = unknown> = UploadDone<Data> | UploadFailed | UploadCancelled;

/**
 * The store has the file whole: the server found it there as it was granted. Where the server does not verify what arrives, nobody knows more than
 * the key, and the `ETag` if the store's CORS rules expose it.
 */
export interface UploadDone<Data = unknown> extends UploadEnded {
  readonly status: "done";
  /** The object key. */
  readonly key: string;
  /** The object's `ETag`, without quotes. */
  readonly etag: string | undefined;
  /** The content type that the object is stored with. */
  readonly type: string | undefined;
  /** The checksum of the whole object, where the store has one. */
  readonly checksum: ObjectChecksum | undefined;
  /**
   * The server's signature on all of this: what a page hands in to the application, so that it knows without asking anybody that the object is
   * there. Whoever has it can hand the object in: it is a secret.
   */
  readonly receipt: string | undefined;
  /** What the application's server has to say about the object, if it has; nobody checks that it is of this type. */
  readonly data: Data;
}

/** The checksum of a whole object. */
export interface ObjectChecksum {
  readonly crc: "crc64nvme" | "crc32c" | "crc32";
  /** In base64. */
  readonly value: string;
}

/** The file did not arrive. */
export interface UploadFailed extends UploadEnded {
  readonly status: "failed";
  readonly error: UploadError;
}

/** The file was cancelled before its end. */
export interface UploadCancelled extends UploadEnded {
  readonly status: "cancelled";
}

/** What every result has. */
export interface UploadEnded {
  /** The file's place in the order given. */
  readonly index: number;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** The very thing that was given. */
  readonly file: UploadSource;
}

/** Why a file did not arrive. A plain object: it can be cloned, stored and sent to a worker. */
export interface UploadError {
  /** What kind of error, for programs. */
  readonly code: ErrorCode;
  /** What went wrong, for people: one or more whole sentences. */
  readonly message: string;
  /** Whether trying again later may help. */
  readonly retryable: boolean;
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** The store's own word for the error, such as `AccessDenied`. */
  readonly storeCode: string | undefined;
  /** The store's name for the request, which its operator can look up. */
  readonly requestId: string | undefined;
}

/** The codes there are; a newer server may have more. */
export type ErrorCode = ClientErrorCode | ServerErrorCode | (string & {});

/** What goes wrong on this side or on the way. */
export type ClientErrorCode =
  /** No answer came: offline, a broken connection, or a store whose CORS rules do not let this page in. */
  | "network"
  /** The store answered with an error. */
  | "store_refused"
  /** The file was moved, deleted or changed since it was chosen, or is a folder. */
  | "file_unreadable"
  /** The endpoint answered with an error that is not `presign-layer`'s: a proxy's, say. */
  | "endpoint_failed"
  /** The endpoint's answer cannot be read. */
  | "unexpected_answer"
  /** The function given as `headers` failed, or what it gave cannot be headers. */
  | "headers_failed"
  /** Another file of the same name and size was sent in part earlier. Only of a `restart`. */
  | "different_file"
  /** There is no browser here, or one that is too old. */
  | "unsupported";

/** What `presign-layer` says. */
export type ServerErrorCode =
  | "not_found"
  | "method_not_allowed"
  | "body_too_large"
  | "body_unreadable"
  | "unsupported_media_type"
  | "invalid_json"
  | "invalid_request"
  | "no_files"
  | "too_many_files"
  | "size_and_type_required"
  | "unauthenticated"
  | "forbidden"
  | "file_too_large"
  | "file_too_small"
  | "type_not_allowed"
  | "invalid_type"
  | "invalid_name"
  | "invalid_key"
  | "metadata_not_allowed"
  | "invalid_metadata"
  | "token_invalid"
  | "token_foreign"
  | "token_expired"
  | "token_outdated"
  | "invalid_part"
  | "upload_gone"
  | "parts_missing"
  | "object_exists"
  | "checksum_mismatch"
  | "object_missing"
  | "object_mismatch"
  | "content_mismatch"
  | "quota_exceeded"
  | "object_not_found"
  | "receipt_invalid"
  | "receipt_foreign"
  | "receipt_expired"
  | "receipt_unfit"
  | "origin_not_allowed"
  | "body_too_slow"
  | "hook_timed_out"
  | "store_failed"
  | "credentials_unavailable"
  | "internal";

/** What happens, in its order; `type` tells what, `index` to which file. The last one of each file is its `end`. */
export type UploadEvent<Data = unknown> =
  /** The first byte is about to be sent. */
  | { readonly type: "start"; readonly index: number }
  /** An earlier upload of the same bytes goes on: the store has `loaded` of them already. */
  | { readonly type: "resume"; readonly index: number; readonly loaded: number }
  /** What was begun earlier cannot go on, and `error` says why: the file is uploaded anew. */
  | { readonly type: "restart"; readonly index: number; readonly error: UploadError }
  /** Bytes went out. */
  | { readonly type: "progress"; readonly index: number; readonly file: FileProgress; readonly progress: Progress }
  /**
   * The attempt of this number failed with `error`; the next one follows after `delay` milliseconds, or when the browser is online again. `part` is
   * the number of the part, from 1, if it was one that failed.
   */
  | { readonly type: "retry"; readonly index: number; readonly part: number | undefined; readonly attempt: number; readonly delay: number; readonly error: UploadError }
  /** The file has come to its end. */
  | { readonly type: "end"; readonly index: number; readonly result: UploadResult<Data>; readonly progress: Progress };

/** How far an upload is. No number of bytes ever goes back: what is sent again does not count again. */
export interface ProgressNumbers {
  /** Bytes sent. That a file is complete, its `end` says. */
  readonly loaded: number;
  /** Bytes in all. */
  readonly total: number;
  /** 0 to 1. Over all files, one that failed or was cancelled counts as behind, so it ends at 1. */
  readonly fraction: number;
  /** Bytes per second, lately; 0 until there is something to measure. */
  readonly bytesPerSecond: number;
  /** Seconds until the end at this speed; `undefined` while there is no speed. */
  readonly secondsLeft: number | undefined;
}

/** How far one file is. */
export interface FileProgress extends ProgressNumbers {
  readonly index: number;
}

/** How far all files together are. */
export interface Progress extends ProgressNumbers {
  /** The files, counted by how they ended. */
  readonly files: {
    readonly done: number;
    readonly failed: number;
    readonly cancelled: number;
    /** All, those still to come included. */
    readonly total: number;
  };
}

/** An upload that goes on by itself. Await it for the results, iterate over it for the events, or both. */
export interface UploadTask<Data = unknown> extends Promise<readonly UploadResult<Data>[]>, AsyncIterable<UploadEvent<Data>> {
  /**
   * Stops sending all files that have not ended, or the one at `index`. What is on its way is broken off and sent again later; parts that the
   * store has stay there.
   */
  pause(index?: number): void;
  /** Goes on with all files that were paused, or the one at `index`. */
  resume(index?: number): void;
  /**
   * Cancels all files that have not ended, or the one at `index`. What was sent is given up at the store, by the server.
   * The results still come: the files' status is `cancelled`, or `done` where the server's word that a file has arrived came first.
   */
  cancel(index?: number): void;
}

/** An upload that was begun earlier, perhaps before the page was closed, and can go on. No other tab is busy with it. */
export interface PendingUpload {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** The content type. */
  readonly type: string;
  /** Bytes that the store has. */
  readonly loaded: number;
  readonly startedAt: Date;
  /** When the server forgets it. */
  readonly expiresAt: Date;
  /**
   * The file itself, where the browser has its handle and the user agrees; otherwise the user has to choose it again. To be called when
   * the user has just clicked.
   */
  file(): Promise<File | undefined>;
  /** Goes on with it, if `file` has the same bytes; another file is uploaded anew, and a `restart` says so. */
  resume<Data = unknown>(file: UploadSource, options?: UploadOptions<Data>): UploadTask<Data>;
  /**
   * Gives it up at the store too.
   *
   * @throws PresignError, by rejection, where the endpoint cannot be reached, or refuses; it is still pending then.
   */
  discard(): Promise<void>;
}

/** What may be uploaded. The server decides on each file all the same. */
export interface Limits {
  /** Bytes. */
  readonly minSize: number;
  /** Bytes. */
  readonly maxSize: number;
  /** Content types, exact (`image/png`) or whole (`image/*`), as `<input accept>` takes them; `undefined` where any may be. */
  readonly types: readonly string[] | undefined;
  /** Files that one request to the endpoint may ask for. `upload()` splits a larger selection by itself. */
  readonly maxFiles: number;
  /** Names of the metadata that may be set. */
  readonly metadata: readonly string[];
  /** Seconds that a presigned URL lives. */
  readonly expiresIn: number;
  /** Files of at least this many bytes go in parts; `undefined` where none does. */
  readonly multipartThreshold: number | undefined;
  /** Bytes of a part; those of very large files are larger. */
  readonly partSize: number | undefined;
  /** Files of fewer than this many bytes go as a form, by POST; `undefined` where none does. */
  readonly postBelow: number | undefined;
}
