// The endpoints that verify what was sent whole. For `serve()`.
import { json, problem } from "./server.mjs";

/**
 * Every grant gets a token, and Complete finds what was stored, `most` at a time. `asked` has the uploads of each request to complete, `given` the
 * tokens that were given up. `on.complete` may answer to a whole request, `on.upload` to one upload: it is called with its name and how often it
 * was completed.
 */
export function arrival({ most = 100, checksums, on = {} } = {}) {
  const uploads = new Map();
  const asked = [];
  const given = [];

  function granted(key, { name, size, type }) {
    const token = `token${uploads.size + 1}`;
    uploads.set(token, { key, name, size, type, times: 0, there: false });
    return { token, ...(checksums && { checksums }) };
  }

  function stored(key) {
    for (const upload of uploads.values()) if (upload.key === key) upload.there = true;
  }

  function completed({ token }) {
    const upload = uploads.get(token);
    const error = (code, message) => ({ error: { code, message } });
    if (!upload) return error("token_invalid", "No such token.");
    const answer = on.upload?.(upload.name, ++upload.times, upload);
    if (answer) return answer;
    if (!upload.there) return error("object_missing", "It is not there.");
    const { key, size, type } = upload;
    return { key: `final/${key}`, size, type, etag: "of the store", receipt: `receipt of ${key}`, data: { row: key } };
  }

  async function ask(what, body) {
    if (what === "abort") {
      given.push(body.token);
      return { status: 204 };
    }
    asked.push(body.uploads);
    if (body.uploads.length > most) return problem(400, "too_many_files", `At most ${most}.`);
    return (await on.complete?.(body.uploads, asked.length)) ?? json(200, { results: body.uploads.map(completed) });
  }

  return { uploads, asked, given, granted, stored, ask };
}
