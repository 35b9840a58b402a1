// What this package throws.
import type { UploadError } from "./types.js";

/** What `limits()` and `discard()` are rejected with: an `Error` with all that an `UploadError` has. */
export class PresignError extends Error implements UploadError {
  override readonly name = "PresignError";
  readonly code: UploadError["code"];
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly storeCode: string | undefined;
  readonly requestId: string | undefined;

  constructor(error: UploadError) {
    super(error.message);
    this.code = error.code;
    this.retryable = error.retryable;
    this.status = error.status;
    this.storeCode = error.storeCode;
    this.requestId = error.requestId;
  }
}

/** Of a request that failed. */
export function rejected(failure: UploadError): never {
  throw new PresignError(failure);
}
