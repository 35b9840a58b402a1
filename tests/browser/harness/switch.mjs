// A switch in front of several servers that do the same: each request goes to the next of them, and past those that are dead.
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { forwarded, handBack, listen } from "./forward.mjs";

/** Starts one in front of the servers at these origins; `served` counts what each of them was given. */
export async function startSwitch(origins) {
  const served = origins.map(() => 0);
  let turn = 0;

  async function connect(incoming) {
    for (let tried = 0; tried < origins.length; tried++) {
      const chosen = turn++ % origins.length;
      const upstream = forwarded(origins[chosen], incoming);
      if (await connects(upstream)) {
        served[chosen]++;
        return upstream;
      }
    }
    return undefined;
  }

  async function handle(incoming, outgoing) {
    const upstream = await connect(incoming);
    if (!upstream) return outgoing.writeHead(502).end();
    outgoing.on("close", () => upstream.destroy());
    incoming.pipe(upstream);
    const [response] = await once(upstream, "response");
    handBack(response, outgoing);
    await pipeline(response, outgoing);
  }

  const { origin, stop } = await listen((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => (outgoing.headersSent ? incoming.socket.destroy() : outgoing.writeHead(502).end()));
  });
  return { origin, served, stop };
}

/** Whether there is a connection; nothing of the request has been sent where there is none. */
function connects(upstream) {
  return new Promise(resolve => {
    upstream.once("error", () => resolve(false));
    upstream.once("socket", socket => socket.once("connect", () => resolve(true)));
  });
}
