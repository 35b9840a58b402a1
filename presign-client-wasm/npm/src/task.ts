// One call of `upload()`.
import { failure } from "../../js/failure.js";
import { CANCEL, PAUSE, RESUME, type Action, type Control, type Engine, type EngineEvent } from "./engine.js";
import { settings, type Settings } from "./options.js";
import { listed, sources, type Source } from "./sources.js";
import { Stream } from "./stream.js";
import type { UploadEnded, UploadEvent, UploadOptions, UploadResult, UploadSource, UploadSources, UploadTask } from "./types.js";

/** Begins an upload. What is wrong with the arguments is thrown; whatever else goes wrong is in the results. */
export function begin<Data>(engine: () => Promise<Engine>, given: UploadSources, options: UploadOptions<Data>, only?: number): UploadTask<Data> {
  const files = listed(given);
  const running = new Running(files, options);
  const results = running.run(engine, sources(files, options.metadata), settings(options, only, () => running.listens));
  return Object.assign(results, {
    pause: (index?: number) => running.control(PAUSE, index),
    resume: (index?: number) => running.control(RESUME, index),
    cancel: (index?: number) => running.control(CANCEL, index),
    [Symbol.asyncIterator]: () => running.events.read(),
  });
}

class Running<Data> {
  readonly events = new Stream<UploadEvent<Data>>();
  readonly #files: readonly UploadSource[];
  readonly #options: UploadOptions<Data>;
  readonly #results: UploadResult<Data>[] = [];
  /** What was asked for before the engine was there. */
  readonly #asked: [Action, number?][] = [];
  #control: Control = (action, index) => this.#asked.push(index === undefined ? [action] : [action, index]);

  constructor(files: readonly UploadSource[], options: UploadOptions<Data>) {
    this.#files = files;
    this.#options = options;
  }

  /** Somebody is told of progress. */
  get listens(): boolean {
    return Boolean(this.#options.onEvent ?? this.#options.onProgress) || this.events.isRead;
  }

  control(action: Action, index?: number): void {
    this.#control(action, index);
  }

  async run(load: () => Promise<Engine>, sources: readonly Source[], settings: Settings): Promise<readonly UploadResult<Data>[]> {
    const { signal } = this.#options;
    const onAbort = () => this.control(CANCEL);
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort);
    try {
      if (sources.length > 0) await this.#send(await load(), sources, settings);
    } catch (error) {
      this.#fail(error);
    }
    signal?.removeEventListener("abort", onAbort);
    this.events.end();
    return this.#results;
  }

  #send(engine: Engine, sources: readonly Source[], settings: Settings): Promise<void> {
    return new Promise(resolve => {
      let open = sources.length;
      const control = engine(sources, settings, event => {
        this.#tell(this.#withFile(event));
        if (event.type === "end" && --open === 0) {
          this.#control = () => {};
          resolve();
        }
      });
      this.#control = control;
      for (const asked of this.#asked) control(...asked);
    });
  }

  #withFile(event: EngineEvent): UploadEvent<Data> {
    if (event.type !== "end") return event;
    const result = { ...this.#ended(event.index), ...event.result } as UploadResult<Data>;
    this.#results[event.index] = result;
    return { ...event, result };
  }

  #ended(index: number): UploadEnded {
    const file = this.#files[index] as UploadSource;
    return { index, name: file.name, size: (file instanceof Blob ? file : file.blob).size, file };
  }

  #tell(event: UploadEvent<Data>): void {
    this.events.push(event);
    const { onEvent, onProgress } = this.#options;
    guarded(onEvent, event);
    if ("progress" in event) guarded(onProgress, event.progress);
  }

  /** The engine is not to be had, so no file can be uploaded: each one's result says why. */
  #fail(cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = failure("unsupported", `The upload engine could not be started: ${reason}`);
    const files = { done: 0, failed: 0, cancelled: 0, total: this.#files.length };
    this.#files.forEach((_, index) => {
      files.failed += 1;
      const progress = { loaded: 0, total: 0, fraction: files.failed / files.total, bytesPerSecond: 0, secondsLeft: undefined, files: { ...files } };
      this.#tell(this.#withFile({ type: "end", index, result: { index, status: "failed", error }, progress }));
    });
  }
}

/** An error of the application's own callback is reported as such, and disturbs no upload. */
function guarded<Value>(callback: ((value: Value) => void) | undefined, value: Value): void {
  try {
    callback?.(value);
  } catch (error) {
    if (typeof reportError === "function") reportError(error);
    else console.error(error);
  }
}
