// The endpoints of uploads in parts, and what the store has of them. For `serve()`.
import { json, problem } from "./server.mjs";

/**
 * Grants every file in parts of `partSize` bytes, `window` URLs at a time. `calls` has what each endpoint was asked, `uploads` what is stored.
 * `on` may answer instead: `on.resume`, say, is called with the request's body and the upload.
 */
export function multipart({ partSize = 10, window = 3, checksums, on = {} } = {}) {
  const uploads = new Map();
  const calls = { parts: [], resume: [], complete: [], abort: [] };
  const objects = new Map();
  let signed = 0;
  let origin;

  const urls = (token, from, count) => Array.from({ length: count }, (_, index) => `${origin}/store/${token}/${from + index}?signature=${++signed}`);
  const counted = (upload, from) => Math.min(window, upload.partCount - from + 1);
  const gone = token => problem(404, "upload_gone", `There is no upload ${token}.`);

  function grant({ name, size }, at) {
    origin = at;
    const token = `token${uploads.size + 1}`;
    const upload = { key: name, size, partSize, partCount: Math.ceil(size / partSize), parts: new Map() };
    uploads.set(token, upload);
    return {
      method: "multipart", key: name, token, partSize, partCount: upload.partCount, parts: urls(token, 1, counted(upload, 1)), checksums,
      resumableFor: 3600, expiresIn: 900,
    };
  }

  const answers = {
    parts: ({ token, from }, upload) => json(200, { parts: urls(token, from, counted(upload, from)), expiresIn: 900 }),
    resume: (_, upload) => {
      const { parts, ...rest } = upload;
      return json(200, { ...rest, checksums, parts: [...parts].map(([number, { body, etag }]) => ({ number, size: body.length, etag })) });
    },
    complete: ({ token }, upload) => {
      const missingParts = Array.from({ length: upload.partCount }, (_, index) => index + 1).filter(number => !upload.parts.has(number));
      if (missingParts.length) return json(200, { results: [{ error: { code: "parts_missing", message: "Parts are missing.", missingParts } }] });
      uploads.delete(token);
      objects.set(upload.key, Array.from({ length: upload.partCount }, (_, index) => upload.parts.get(index + 1).body).join(""));
      return json(200, { results: [{ key: upload.key, size: upload.size, etag: "whole" }] });
    },
    abort: ({ token }) => {
      uploads.delete(token);
      return { status: 204 };
    },
  };

  /** `what` is the endpoint's name. */
  async function ask(what, body) {
    if (what !== "complete") return askOne(what, body);
    const all = await Promise.all(body.uploads.map(request => askOne(what, request)));
    return all.find(({ status }) => status !== 200) ?? json(200, { results: all.flatMap(({ body }) => JSON.parse(body).results) });
  }

  async function askOne(what, request) {
    calls[what].push(request);
    const upload = uploads.get(request.token);
    const answer = await on[what]?.(request, upload, calls[what].length);
    if (answer) return answer;
    if (!upload && what !== "abort") return what === "complete" ? json(200, { results: [{ error: { code: "upload_gone", message: "It is gone." } }] }) : gone(request.token);
    return answers[what](request, upload);
  }

  /** A part arrives. */
  function store(path, body) {
    const [token, number] = path.split("/");
    const upload = uploads.get(token);
    if (!upload) return { status: 404, body: "<Error><Code>NoSuchUpload</Code></Error>" };
    upload.parts.set(Number(number), { body, etag: `etag${number}` });
    return { status: 200, headers: { etag: `"etag${number}"` } };
  }

  return { uploads, objects, calls, grant, ask, store };
}
