// A proxy between browser and store that does what networks and stores do at their worst. It hands everything on as it came, Host
// included: tell the demo that the store's endpoint is the proxy (see `through` in store.mjs), and what it signs holds at the store.
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { setTimeout as after } from "node:timers/promises";
import { forwarded, handBack, listen } from "./forward.mjs";

/** So that a page may read what the proxy answers by itself. */
const READABLE = { "access-control-allow-origin": "*", "access-control-expose-headers": "ETag, x-amz-request-id" };

/** An answer of a store's that says why not, for `answer`. */
export const refusal = (status, code, message = "No.") => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>proxy</RequestId></Error>`,
});

/**
 * Starts a proxy in front of the server at the origin `target`.
 *
 * `rule(judge)` adds a rule; what it gives takes the rule away. `judge` is asked about each request but preflights, and answers what
 * is to go wrong, or nothing; the first rule that answers counts. What it is shown is an entry of `requests`:
 *   { method, path, query, headers, attempt, sent, status, over }
 * `query` is an object without the signature; `attempt` is 1 for the first request of this method, path and part; `sent` is how many
 * bytes of the body the target was given so far; `status` what it answered, once it has;
 * `over` whether the browser has its answer, or does not want one any more.
 *
 * What can go wrong, in one object as far as it goes together:
 *   { delay: ms }             it is handed on only then
 *   { hold: promise }         it is handed on only when the promise is fulfilled
 *   { rate: bytesPerSecond }  its body goes no faster
 *   { flip: offset }          one bit of that byte of the body is another
 *   { cut: bytes }            the connection breaks after so many bytes of the body
 *   { stall: bytes, until }   nothing goes on after so many bytes of the body until the promise `until` is fulfilled; if the browser has given up
 *                             by then, nothing goes on at all, unless it `lingers: true`: what was on its way then arrives all the same
 *   { lose: true }            the target does it all, but its answer is lost and the connection breaks
 *   { answer: { status, headers, body } }  the target never hears of it
 */
export async function startProxy(target) {
  const rules = new Set();
  const requests = [];

  const { origin, stop } = await listen((incoming, outgoing) => {
    const entry = describe(incoming, requests);
    requests.push(entry);
    outgoing.once("close", () => (entry.over = true));
    const fault = entry.method === "OPTIONS" ? {} : judged(rules, entry);
    handle(target, entry, fault, incoming, outgoing).catch(() => incoming.socket.resetAndDestroy());
  });

  const rule = judge => {
    rules.add(judge);
    return () => rules.delete(judge);
  };
  return { origin, rule, requests, stop };
}

function describe(incoming, earlier) {
  const { pathname: path, searchParams } = new URL(incoming.url, "http://proxy");
  const query = Object.fromEntries([...searchParams].filter(([name]) => !/^x-amz-/i.test(name)));
  const { method } = incoming;
  const same = other => other.method === method && other.path === path && other.query.partNumber === query.partNumber;
  const { authorization, ...headers } = incoming.headers;
  return { method, path, query, headers, attempt: earlier.filter(same).length + 1, sent: 0, status: undefined, over: false };
}

function judged(rules, entry) {
  for (const judge of rules) {
    const fault = judge(entry);
    if (fault) return fault;
  }
  return {};
}

async function handle(target, entry, fault, incoming, outgoing) {
  // Chromium sends a request again by itself where a connection breaks that an earlier one has used; each has its own.
  outgoing.shouldKeepAlive = false;
  if (fault.delay) await after(fault.delay);
  await fault.hold;
  if (fault.answer) return answer(fault.answer, incoming, outgoing);

  const upstream = forwarded(target, incoming);
  // Whoever gives up on this side gives up on that one.
  outgoing.on("close", () => upstream.destroy());
  const answered = once(upstream, "response");
  // A store that refuses may answer and close before it has read everything: the answer counts, not how the sending ends.
  send(entry, fault, incoming, outgoing, upstream).catch(() => incoming.resume());
  const [response] = await answered;
  entry.status = response.statusCode;
  if (fault.lose) {
    await response.resume().toArray();
    throw new Error("the answer is lost");
  }
  handBack(response, outgoing);
  await pipeline(response, outgoing);
}

/** Everything is read before it is answered: a browser that is still sending would miss the answer. */
async function answer({ status, headers, body = "" }, incoming, outgoing) {
  await once(incoming.resume(), "end");
  outgoing.writeHead(status, { ...READABLE, ...headers }).end(body);
}

async function send(entry, { rate, flip, cut, stall, until, lingers }, incoming, outgoing, upstream) {
  const give = async bytes => {
    if (bytes.length === 0) return;
    if (flip >= entry.sent && flip < entry.sent + bytes.length) bytes[flip - entry.sent] ^= 1;
    await new Promise((resolve, reject) => upstream.write(bytes, error => (error ? reject(error) : resolve())));
    entry.sent += bytes.length;
    if (rate) await after((bytes.length / rate) * 1000);
  };
  let stopAt = cut ?? stall ?? Infinity;
  // What is given on only where the browser has not given up.
  let rest;
  const stop = async () => {
    stopAt = Infinity;
    if (cut !== undefined) return upstream.destroy(new Error("the connection is cut"));
    await until;
    if (!lingers) rest = [];
  };

  upstream.flushHeaders();
  if (stopAt === 0) await stop();
  // The iterator's own way to end would close the connection to the browser.
  for await (let chunk of incoming.iterator({ destroyOnReturn: false })) {
    if (entry.sent + chunk.length >= stopAt) {
      const before = stopAt - entry.sent;
      await give(chunk.subarray(0, before));
      await stop();
      chunk = chunk.subarray(before);
    }
    if (rest) rest.push(chunk);
    else await give(chunk);
  }
  if (rest && (await hasGivenUp(outgoing))) return upstream.destroy();
  for (const chunk of rest ?? []) await give(chunk);
  upstream.end();
}

/** Whether the browser is gone. That it closed the connection shows only when all that it had sent before was read, and not at once. */
async function hasGivenUp(outgoing) {
  await Promise.race([once(outgoing, "close"), after(250)]);
  return outgoing.destroyed;
}
