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
