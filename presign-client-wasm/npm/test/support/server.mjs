// An endpoint and a store in one: an HTTP server that grants every upload and stores every file, unless the test says otherwise.
import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

/**
 * Starts it for the length of the test.
 *
 * `onAsk` is called with the files of each request for grants and the request's number, `onPut` with each upload and its number; what they give
 * is the answer, `{ status, headers, body }`, or `BREAK`. Where they give nothing, grants are granted and files are stored. `onGrant` is called
 * with a file, how often this one has been asked for, and its grant, and may change the grant or give another answer. With `parts`, what
 * `multipart()` gives, files go in parts.
 */
export async function serve(t, { onAsk = () => {}, onPut = () => {}, onGrant = () => {}, parts } = {}) {
  const asked = [];
  const puts = [];
  const times = new Map();
  let origin;

  function grant(file) {
    const time = (times.get(file.name) ?? 0) + 1;
    times.set(file.name, time);
    const key = time === 1 ? file.name : `${file.name} (${time})`;
    const headers = { "content-length": String(file.size), "content-type": file.type || "application/octet-stream", "if-none-match": "*" };
    const granted = { method: "put", url: `${origin}/store/${encodeURIComponent(key)}`, headers, key, expiresIn: 900 };
    return onGrant(file, time, granted) ?? parts?.grant(file, origin) ?? granted;
  }

  async function route(request, response) {
    const { pathname, search } = new URL(request.url, origin);
    const { method, headers } = request;
    const body = buffer(request);
    if (method === "POST" && pathname === "/presignedUrl") {
      const { files } = JSON.parse(await body);
      asked.push({ files, headers, at: performance.now() });
      return (await onAsk(files, asked.length)) ?? json(200, { grants: files.map(grant) });
    }
    if (method === "PUT" && pathname.startsWith("/store/")) {
      const put = { key: decodeURIComponent(pathname.slice("/store/".length)), headers, search, body: undefined, ended: false, cut: false };
      puts.push(put);
      response.on("close", () => Object.assign(put, { ended: true, cut: !response.writableFinished }));
      put.body = String(await body);
      return (await onPut(put, puts.length)) ?? parts?.store(put.key, put.body) ?? { status: 200, headers: { etag: '"0123abcd"' } };
    }
    const [, what] = /^\/presignedUrl\/(\w+)$/.exec(pathname) ?? [];
    if (method === "POST" && what && parts) return parts.ask(what, JSON.parse(await body));
    return { status: 404, body: `${method} ${pathname}: there is no such thing` };
  }

  const server = createServer(async (request, response) => {
    const answer = await route(request, response).catch(error => ({ status: 500, body: String(error) }));
    if (answer === BREAK) return response.destroy();
    response.writeHead(answer.status, answer.headers ?? {}).end(answer.body ?? "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${server.address().port}`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, puts, endpoint: `${origin}/presignedUrl` };
}

/** The connection is closed without an answer. */
export const BREAK = Symbol("break");

export const json = (status, value, headers = {}) => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(value),
});

/** What `presign-layer` answers to a request that it refuses as a whole. */
export const problem = (status, code, detail, headers = {}) => json(status, { title: "A problem", status, code, detail }, { "content-type": "application/problem+json", ...headers });
