// Handing a request on to another server, as it came.
import http from "node:http";
import https from "node:https";

/**
 * The request to `origin` that is the same as `incoming` but for its body, which is the caller's to write. Host stays: signatures cover
 * it. Each has a connection of its own, so that none breaks because an earlier one did.
 */
export function forwarded(origin, incoming) {
  const { protocol, hostname, port } = new URL(origin);
  const { request } = protocol === "https:" ? https : http;
  const { method, url: path } = incoming;
  return request({ hostname, port, method, path, headers: ownOnly(incoming.rawHeaders), setHost: false, agent: false });
}

/** Hands back the head of an answer; its body is the caller's to write. */
export function handBack(answer, outgoing) {
  outgoing.writeHead(answer.statusCode, answer.statusMessage, ownOnly(answer.rawHeaders));
}

/** Without what concerns one connection alone. */
function ownOnly(rawHeaders) {
  const kept = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (!/^(connection|keep-alive|proxy-connection|transfer-encoding)$/i.test(rawHeaders[at])) kept.push(rawHeaders[at], rawHeaders[at + 1]);
  }
  return kept;
}

/** A server of 127.0.0.1 on a free port: its origin, and how to end it with all its connections. */
export async function listen(handle) {
  const server = http.createServer({ requestTimeout: 0 }, handle);
  server.listen(0, "127.0.0.1");
  await new Promise((resolve, reject) => server.once("listening", resolve).once("error", reject));
  const stop = async () => {
    const closed = new Promise(resolve => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, stop };
}
