// A MinIO of the tests' own, on loopback, with its data in a temporary folder.
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { once } from "node:events";
import { setTimeout as after } from "node:timers/promises";
import { temporaryFolder } from "./folder.mjs";
import { end, start } from "./processes.mjs";

/** Starts the program of the environment variable MINIO_BIN. */
export async function startMinio() {
  const program = process.env.MINIO_BIN;
  if (!program) throw new Error("MINIO_BIN must name the program `minio`");
  const folder = await temporaryFolder("minio");
  const credentials = { accessKeyId: "tests", secretAccessKey: randomBytes(20).toString("hex") };
  const [port, consolePort] = await freePorts(2);
  const server = start(
    program,
    ["server", "--quiet", "--address", `127.0.0.1:${port}`, "--console-address", `127.0.0.1:${consolePort}`, folder.path],
    { ...process.env, MINIO_ROOT_USER: credentials.accessKeyId, MINIO_ROOT_PASSWORD: credentials.secretAccessKey },
  );
  const endpoint = `http://127.0.0.1:${port}`;
  await ready(server, endpoint);
  const stop = async () => {
    await end(server);
    folder.remove();
  };
  return { endpoint, region: "us-east-1", credentials, stop };
}

/** It announces nothing when it is ready, so it is asked until it is: it is alive for a while before, and answers 503 then. */
async function ready(server, endpoint) {
  let ended = false;
  server.ended.finally(() => (ended = true)).catch(() => {});
  for (;;) {
    const answer = await fetch(endpoint).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer && answer.status !== 503) return;
    if (ended) throw new Error(`MinIO ended before it was ready:\n${server.printed}`);
    await after(50);
  }
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map(server => once(server, "listening")));
  const ports = servers.map(server => server.address().port);
  await Promise.all(servers.map(server => once(server.close(), "close")));
  return ports;
}
