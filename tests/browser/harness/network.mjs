// A worse network, by the browser's own means.

const sessions = new WeakMap();

async function conditions(page, { offline, bytesPerSecond }) {
  if (!sessions.has(page)) sessions.set(page, await page.context().newCDPSession(page));
  await sessions.get(page).send("Network.emulateNetworkConditions", {
    offline,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond,
  });
}

/** Uploads go this fast from now on; -1 is as fast as they can. */
export const slowDown = (page, { bytesPerSecond }) => conditions(page, { offline: false, bytesPerSecond });

/** The network is gone: what is on its way fails, and so does everything until `slowDown`. */
export const disconnect = page => conditions(page, { offline: true, bytesPerSecond: -1 });
