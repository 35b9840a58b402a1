// The engine, written in Rust: loaded at the first call, so that importing this package does nothing.
import { initSync, start } from "../build/presign_client.js";
import type { Settings } from "./options.js";
import type { Source } from "./sources.js";
import type { UploadEvent, UploadResult } from "./types.js";

/** Where the WebAssembly comes from. */
export type Module = () => Response | Promise<Response>;

/** Begins an upload, and gives what controls it; to drop that is to stop it. */
export type Engine = (sources: readonly Source[], settings: Settings, onEvent: (event: EngineEvent) => void) => Control;

/** Does it to the file at `index`, or to all. */
export type Control = (action: Action, index?: number) => void;

export const PAUSE = 0;
export const RESUME = 1;
export const CANCEL = 2;
export type Action = typeof PAUSE | typeof RESUME | typeof CANCEL;

/** The engine knows the files by their index alone. */
export type EngineEvent =
  | Exclude<UploadEvent, { type: "end" }>
  | (Omit<Extract<UploadEvent, { type: "end" }>, "result"> & { readonly result: WithoutFile<UploadResult> });

type WithoutFile<Result> = Result extends unknown ? Omit<Result, "file" | "name" | "size"> : never;

/** Loads it once. A failure is not remembered: the next call tries again. */
export function loader(module: Module): () => Promise<Engine> {
  let loading: Promise<Engine> | undefined;
  return () =>
    (loading ??= load(module).catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
}

async function load(module: Module): Promise<Engine> {
  initSync({ module: await WebAssembly.compileStreaming(module()) });
  return (sources, { endpoint, concurrency, retry, resume, only }, onEvent) =>
    start(sources, endpoint, concurrency, retry.attempts, retry.minDelay, retry.maxDelay, resume, only, onEvent);
}
