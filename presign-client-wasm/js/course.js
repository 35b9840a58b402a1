// What becomes of an upload, and is remembered of one in parts.
import { isLost } from "./failure.js";
import { remember, rememberPart, remove } from "./pending.js";
import { askForGrants, giveUp } from "./request.js";

/**
 * Asks for permission to upload. An upload in parts is remembered, if `resume` says so, and its grant has what it is remembered
 * by in `memory`. What is granted when nobody waits for it any more is given up.
 *
 * @param {import("./request.js").Endpoint} endpoint
 * @param {import("./request.js").Source[]} sources
 * @param {boolean} resume
 * @returns {import("./answer.js").Request}
 */
export function begin(endpoint, sources, resume) {
  let wanted = true;
  const run = async () => {
    const grants = await askForGrants(endpoint, sources).work;
    return Promise.all(grants.map(async (grant, index) => {
      if (grant.partSize && resume) grant.memory = await remember(endpoint.url, /** @type {import("./request.js").Source} */ (sources[index]), grant);
      if (grant.token && !wanted) letGo(endpoint, grant);
      return grant;
    }));
  };
  return { work: run(), abort: () => (wanted = false) };
}

/**
 * Gives the upload up at the store, and forgets it once that is done: what could not be given up just now is still there to be.
 *
 * @param {import("./request.js").Endpoint} endpoint
 * @param {{ token: string, id?: number | undefined }} upload
 */
export function discard(endpoint, { token, id }) {
  const run = async () => {
    await giveUp(endpoint, token).catch((/** @type {import("./failure.js").Failure} */ failure) => {
      if (!isLost(failure)) throw failure;
    });
    if (id !== undefined) await remove(id);
  };
  return { work: run(), abort() {} };
}

/**
 * The same where nobody waits for it. Until it is done, nobody goes on with the upload.
 *
 * @param {import("./request.js").Endpoint} endpoint
 * @param {{ token: string, memory?: import("./pending.js").Memory }} grant
 */
export function letGo(endpoint, { token, memory }) {
  const release = memory?.release;
  if (memory) memory.release = () => {};
  discard(endpoint, { token, id: memory?.id }).work.catch(() => {}).then(release);
}

/**
 * The upload is an object, or lost: there is nothing to go on with.
 *
 * @param {{ memory?: import("./pending.js").Memory }} grant
 */
export function forget({ memory }) {
  if (memory) remove(memory.id);
}

/**
 * This tab does nothing for the upload any more; whatever is left of it may go on later.
 *
 * @param {{ memory?: import("./pending.js").Memory }} grant
 */
export function leave({ memory }) {
  memory?.release();
}

/**
 * The store has a part.
 *
 * @param {{ memory?: import("./pending.js").Memory }} grant
 * @param {number} number
 * @param {{ fingerprint: string }} sums
 */
export function partSent({ memory }, number, { fingerprint }) {
  if (memory) rememberPart(memory.id, number, fingerprint);
}
