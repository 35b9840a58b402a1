// Requests of somebody with tools of their own: whatever a browser would not send, or would put right, goes out as it is written.
import http from "node:http";
import net from "node:net";

/** No answer within so many milliseconds is none. */
const PATIENCE = 15_000;

/**
 * Sends one request. `path` is the path with its query as it goes over the wire, the URL's unless given, so that nothing is resolved away;
 * `length` what is declared of `body`. The status is 0 where the connection ends without an answer.
 */
export function send(url, { method = "PUT", path, headers = {}, body = "", length = Buffer.byteLength(body) } = {}) {
  const to = new URL(url);
  const declared = length === undefined ? {} : { "content-length": String(length) };
  const options = { host: to.hostname, port: to.port, path: path ?? to.pathname + to.search, method, agent: false, headers: { ...declared, ...present(headers) } };
  return new Promise(resolve => {
    const request = http.request(options, answer => {
      const chunks = [];
      const done = () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: answer.statusCode, headers: answer.headers, text, code: /<Code>(\w+)</.exec(text)?.[1] });
      };
      answer.on("data", chunk => chunks.push(chunk)).on("end", done).on("error", done);
    });
    request.on("error", () => resolve({ status: 0, headers: {}, text: "" }));
    request.setTimeout(PATIENCE, () => request.destroy());
    request.end(body);
  });
}

/** Sends a grant's PUT with its headers, `changes` made to them (`undefined` leaves one out). */
export const sendPut = (grant, body, changes = {}, more = {}) => {
  const { "content-length": _, ...headers } = grant.headers ?? {};
  return send(grant.url, { headers: { ...headers, ...changes }, body, ...more });
};

/**
 * Sends a grant's form. `fields` is what is sent before the file: the grant's own unless given, with `changes` made to them (`undefined` leaves
 * one out, a list sends it several times); `parts` what goes after them, a file of these contents unless given.
 */
export function sendForm(grant, contents, changes = {}, { fields = changedFields(grant.fields, changes), parts = [filePart(contents)], ...more } = {}) {
  const { type, body } = formOf([...fields.map(([name, value]) => fieldPart(name, value)), ...parts]);
  const { headers, ...rest } = more;
  return send(grant.url, { method: "POST", body, headers: { "content-type": type, ...headers }, ...rest });
}

/** A form's fields as a list, with some of them changed, taken out (`undefined`) or sent several times (a list). */
export const changedFields = (fields, changes) =>
  Object.entries({ ...fields, ...changes }).flatMap(([name, values]) => (values === undefined ? [] : [values].flat().map(value => [name, value])));

/** One field. */
export const fieldPart = (name, value) => ({ head: `Content-Disposition: form-data; name="${name}"`, contents: value });

/** The file, by another name of the field, of the file, or of another type. */
export const filePart = (contents, { name = "file", filename = "a.bin", type = "application/octet-stream" } = {}) => ({
  head: `Content-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: ${type}`,
  contents,
});

/** The body of a form, and its type. */
export function formOf(parts) {
  const boundary = "a-boundary-that-is-in-no-file";
  const pieces = parts.flatMap(({ head, contents }) => [`--${boundary}\r\n${head}\r\n\r\n`, contents, "\r\n"]);
  return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat([...pieces, `--${boundary}--\r\n`].map(piece => Buffer.from(piece))) };
}

/** Writes bytes to a connection of its own and gives all that comes back, until it ends or nothing comes for a second. */
export function sendRaw(url, ...pieces) {
  const { hostname, port } = new URL(url);
  return new Promise(resolve => {
    const socket = net.connect({ host: hostname, port: Number(port) });
    let text = "";
    socket.setEncoding("latin1").on("data", data => (text += data)).on("error", () => {}).on("close", () => resolve(text));
    socket.setTimeout(1000, () => socket.destroy());
    for (const piece of pieces) socket.write(piece);
  });
}

/** The head of a request, as it is written. */
export const head = (method, url, headers) => {
  const { host, pathname, search } = new URL(url);
  const lines = Object.entries(present({ host, ...headers })).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`;
};

/**
 * A body of `size` bytes in all, in AWS's own chunks, which hide how long the file within is, and the headers that say so: the file is
 * `contents`. Nothing of it is signed.
 */
export function inChunks(size) {
  const contents = Buffer.alloc(size - 40 - size.toString(16).length, "s");
  const body = `${contents.length.toString(16)}\r\n${contents}\r\n0\r\nx-amz-checksum-crc32:${crc32(contents)}\r\n\r\n`;
  const headers = {
    "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "x-amz-decoded-content-length": String(contents.length),
    "x-amz-trailer": "x-amz-checksum-crc32",
    "content-encoding": "aws-chunked",
  };
  return { contents, body, headers };
}

/** In base64. */
function crc32(contents) {
  let crc = -1;
  for (const byte of contents) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const sum = Buffer.alloc(4);
  sum.writeInt32BE(~crc);
  return sum.toString("base64");
}

/** The same URL with its signature replaced by one that nobody made. */
export const forged = url => withQuery(url, { "X-Amz-Signature": "0".repeat(64) });

/** The same URL with other parameters; `undefined` takes one out. The rest stays as it is spelt. */
export function withQuery(url, changes) {
  const [before, query] = url.split("?");
  const kept = query.split("&").filter(pair => !Object.hasOwn(changes, pair.split("=")[0]));
  const added = Object.entries(present(changes)).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${before}?${[...kept, ...added].join("&")}`;
}

/** The value of a URL's parameter. */
export const parameter = (url, name) => new URL(url).searchParams.get(name);

const present = values => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
