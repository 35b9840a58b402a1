// What a page imports, over an engine that comes from anywhere.
import { askForLimits } from "../../js/request.js";
import { loader, type Module } from "./engine.js";
import { PresignError } from "./errors.js";
import { endpoint } from "./options.js";
import { begin } from "./task.js";
import type { Api, Limits, UploadError } from "./types.js";

export function api(module: Module): Api {
  const engine = loader(module);
  return {
    upload: (files, options = {}) => begin(engine, files, options),
    limits: (options = {}) =>
      new Promise((resolve, reject) => {
        askForLimits(endpoint(options), (answer, failure) => {
          if (failure) reject(new PresignError(failure as UploadError));
          else resolve(answer as Limits);
        });
      }),
  };
}
