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
 * `multipart()` gives, files go in parts; with `arrival`, what `arrival()` gives, what was sent is verified; with `forms`, files go as forms.
 */
export async function serve(t, { onAsk = () => {}, onPut = () => {}, onGrant = () => {}, parts, arrival, forms } = {}) {
  const asked = [];
  const puts = [];
  const times = new Map();
  let origin;

  function grant(file) {
    const time = (times.get(file.name) ?? 0) + 1;
    times.set(file.name, time);
    const key = time === 1 ? file.name : `${file.name} (${time})`;
    const headers = { "content-length": String(file.size), "content-type": file.type || "application/octet-stream", "if-none-match": "*" };
    const put = { method: "put", url: `${origin}/store/${encodeURIComponent(key)}`, headers, key, expiresIn: 900 };
    const form = { method: "post", url: `${origin}/bucket`, fields: { "x-amz-signature": "signed", key, "Content-Type": file.type }, key, expiresIn: 900 };
    const granted = { ...(forms ? form : put), ...arrival?.granted(key, file) };
    return onGrant(file, time, granted) ?? parts?.grant(file, origin) ?? granted;
  }

  function stored(key, status) {
    arrival?.stored(key);
    return { status, headers: { etag: '"0123abcd"' } };
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
      return (await onPut(put, puts.length)) ?? parts?.store(put.key, put.body) ?? stored(put.key, 200);
    }
    if (method === "POST" && pathname === "/bucket") {
      const fields = [...(await new Response(await body, { headers }).formData())];
      const put = { key: fields.find(([name]) => name === "key")[1], headers, fields, body: await fields.at(-1)[1].text() };
      puts.push(put);
      return (await onPut(put, puts.length)) ?? stored(put.key, 201);
    }
    const [, what] = /^\/presignedUrl\/(\w+)$/.exec(pathname) ?? [];
    if (method === "POST" && what && (parts ?? arrival)) return (parts ?? arrival).ask(what, JSON.parse(await body));
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
