// Options, checked, and with their defaults filled in.
import type { Endpoint } from "../../js/request.js";
import type { EndpointOptions, RetryOptions, UploadOptions } from "./types.js";

const DEFAULT_ENDPOINT = "/presignedUrl";

/** What the engine is told. The defaults are those of the crate's `Options`. */
export interface Settings {
  readonly endpoint: Endpoint & { readonly patience: number; readonly listens: boolean };
  readonly concurrency: number;
  readonly retry: { readonly [Name in keyof RetryOptions]-?: number };
  readonly resume: boolean;
  /** The one pending upload that is to go on. */
  readonly only: number | undefined;
}

export function endpoint({ endpoint: url = DEFAULT_ENDPOINT, headers, credentials }: EndpointOptions): Endpoint {
  return { url, headers, credentials };
}

export function settings(options: UploadOptions<never>, only: number | undefined, listens: () => boolean): Settings {
  const { concurrency, retry: { attempts, minDelay, maxDelay } = {}, stallTimeout, resume = true, signal } = options;
  if (signal && !signal.addEventListener) throw new TypeError("signal is no AbortSignal; expected controller.signal");
  return {
    endpoint: {
      ...endpoint(options),
      patience: number(stallTimeout, 30_000, 1, "stallTimeout"),
      get listens() {
        return listens();
      },
    },
    concurrency: number(concurrency, 6, 1, "concurrency"),
    retry: {
      attempts: number(attempts, 5, 1, "retry.attempts"),
      minDelay: number(minDelay, 1000, 0, "retry.minDelay"),
      maxDelay: number(maxDelay, 30_000, 0, "retry.maxDelay"),
    },
    resume,
    only,
  };
}

/** More than 2^31 is as good as without end. */
function number(value: number | undefined, unlessGiven: number, least: number, name: string): number {
  if (value === undefined) return unlessGiven;
  if (Number.isSafeInteger(value) && value >= least) return Math.min(value, 2 ** 31 - 1);
  throw new RangeError(`${name} is ${value}; expected a whole number, ${least} or more`);
}
