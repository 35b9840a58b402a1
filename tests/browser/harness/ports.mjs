// Ports that nothing listens on.
import { once } from "node:events";
import { createServer } from "node:net";

/** So many free ports of 127.0.0.1. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map(server => once(server, "listening")));
  const ports = servers.map(server => server.address().port);
  await Promise.all(servers.map(server => once(server.close(), "close")));
  return ports;
}

/** What `begin` makes of free ports; again with others where it fails because somebody was quicker to take one. */
export async function onFreePorts(count, begin) {
  for (let left = 5; ; left--) {
    try {
      return await begin(await freePorts(count));
    } catch (error) {
      if (left === 1 || !/already in use/i.test(error.message)) throw error;
    }
  }
}
