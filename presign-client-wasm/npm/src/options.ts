// Options, checked, and with their defaults filled in.
import type { Endpoint } from "../../js/request.js";
import type { EndpointOptions, RetryOptions, UploadOptions } from "./types.js";

const DEFAULT_ENDPOINT = "/presignedUrl";

/** What the engine is told. */
export interface Settings {
  readonly endpoint: Endpoint;
  readonly concurrency: number | undefined;
  readonly retry: RetryOptions | undefined;
  readonly stallTimeout: number | undefined;
  readonly resume: boolean | undefined;
  /** The one pending upload that is to go on. */
  readonly only: number | undefined;
}

export function endpoint({ endpoint: url = DEFAULT_ENDPOINT, headers, credentials }: EndpointOptions): Endpoint {
  return { url, headers, credentials };
}

export function settings(options: UploadOptions, only: number | undefined): Settings {
  const { concurrency, retry, stallTimeout, resume, signal } = options;
  if (signal && !signal.addEventListener) throw new TypeError("signal is no AbortSignal; expected controller.signal");
  atLeast(1, concurrency, "concurrency");
  atLeast(1, retry?.attempts, "retry.attempts");
  atLeast(0, retry?.minDelay, "retry.minDelay");
  atLeast(0, retry?.maxDelay, "retry.maxDelay");
  atLeast(1, stallTimeout, "stallTimeout");
  return { endpoint: endpoint(options), concurrency, retry, stallTimeout, resume, only };
}

function atLeast(least: number, value: number | undefined, name: string): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw new RangeError(`${name} is ${value}; expected a whole number, ${least} or more`);
}
