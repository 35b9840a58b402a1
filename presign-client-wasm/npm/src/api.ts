// What a page imports, over an engine that comes from anywhere.
import { askForLimits } from "../../js/request.js";
import { loader, type Module } from "./engine.js";
import { rejected } from "./errors.js";
import { endpoint } from "./options.js";
import { pendingUploads } from "./pending.js";
import { begin } from "./task.js";
import type { Api, Limits } from "./types.js";

export function api(module: Module): Api {
  const engine = loader(module);
  return {
    upload: (files, options = {}) => begin(engine, files, options),
    limits: (options = {}) => askForLimits(endpoint(options)).work.then(answer => answer as Limits, rejected),
    pendingUploads: (options = {}) => pendingUploads(engine, options),
  };
}
