// What a bucket holds, read by signed requests of aws4fetch: nothing of ours is in the way.
import { AwsClient } from "aws4fetch";
import { digest } from "./sha256.mjs";

export class Bucket {
  #client;
  #base;

  /** `endpoint` as the tests reach it; path style unless `virtualHost`. */
  constructor({ endpoint, bucket, region, credentials, virtualHost = false }) {
    const base = new URL(endpoint);
    if (virtualHost) base.hostname = `${bucket}.${base.hostname}`;
    else base.pathname = `${base.pathname.replace(/\/$/, "")}/${bucket}`;
    this.#base = base.href.replace(/\/$/, "");
    this.#client = new AwsClient({ ...credentials, region, service: "s3", retries: 0 });
  }

  async create() {
    const answer = await this.#client.fetch(this.#base, { method: "PUT" });
    if (!answer.ok) throw new Error(`CreateBucket: ${answer.status} ${await answer.text()}`);
  }

  /** Every key, sorted. */
  async keys() {
    const keys = [];
    let token;
    do {
      const query = new URLSearchParams({ "list-type": "2", ...(token && { "continuation-token": token }) });
      const answer = await this.#client.fetch(`${this.#base}?${query}`);
      const xml = await answer.text();
      if (!answer.ok) throw new Error(`ListObjectsV2: ${answer.status} ${xml}`);
      keys.push(...values(xml, "Key"));
      [token] = values(xml, "NextContinuationToken");
    } while (token);
    return keys.sort();
  }

  /** `{ sha256, size, type }` of the object, or undefined if there is none. */
  async object(key) {
    const answer = await this.#client.fetch(this.#url(key), { headers: { "accept-encoding": "identity" } });
    if (answer.status === 404) {
      await answer.body.cancel();
      return undefined;
    }
    if (!answer.ok) throw new Error(`GetObject ${key}: ${answer.status} ${await answer.text()}`);
    return { ...(await digest(answer.body)), type: answer.headers.get("content-type") };
  }

  async remove(key) {
    const answer = await this.#client.fetch(this.#url(key), { method: "DELETE" });
    if (!answer.ok) throw new Error(`DeleteObject ${key}: ${answer.status} ${await answer.text()}`);
  }

  /** The key of a URL that was granted for this bucket. */
  keyOf(url) {
    const before = new URL(this.#base).pathname;
    return decodeURIComponent(new URL(url).pathname.slice(before.replace(/\/$/, "").length + 1));
  }

  #url(key) {
    const strict = segment => encodeURIComponent(segment).replace(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
    return `${this.#base}/${key.split("/").map(strict).join("/")}`;
  }
}

const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function values(xml, element) {
  const pattern = new RegExp(`<${element}>([^<]*)</${element}>`, "g");
  return [...xml.matchAll(pattern)].map(([, text]) =>
    text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (_, hex, decimal, name) =>
      name ? NAMED[name] : String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal)),
    ),
  );
}
