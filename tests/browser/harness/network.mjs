// A worse network.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const sessions = new WeakMap();

/** Uploads go this fast from now on; -1 is as fast as they can. */
export async function slowDown(page, { bytesPerSecond }) {
  if (!sessions.has(page)) sessions.set(page, await page.context().newCDPSession(page));
  await sessions.get(page).send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond,
  });
}

/**
 * Breaks every connection of the browsers that this process has started, midway in whatever they send: Chromium's network service is
 * killed, and Chromium starts a new one. (What it calls offline lets requests that are under way finish.)
 */
export async function breakConnections() {
  const { stdout } = await promisify(execFile)("ps", ["-Ao", "pid=,ppid=,args="], { maxBuffer: 1 << 24 });
  const rows = stdout.split("\n").flatMap(line => /^ *(\d+) +(\d+) +(.*)$/.exec(line) ?? []);
  const parents = new Map();
  const services = [];
  for (let at = 0; at < rows.length; at += 4) {
    const [pid, parent] = [Number(rows[at + 1]), Number(rows[at + 2])];
    parents.set(pid, parent);
    if (rows[at + 3].includes("network.mojom.NetworkService")) services.push(pid);
  }
  const isOurs = pid => pid === process.pid || (parents.has(pid) && isOurs(parents.get(pid)));
  const ours = services.filter(isOurs);
  if (ours.length === 0) throw new Error("no browser of these tests has a network service");
  for (const pid of ours) process.kill(pid, "SIGKILL");
}
