// What a bucket holds, read by signed requests of aws4fetch: nothing of ours is in the way.
import { createHash } from "node:crypto";
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

  /** Takes the bucket itself away, which must be empty. */
  async drop() {
    const answer = await this.#client.fetch(this.#base, { method: "DELETE" });
    if (!answer.ok) throw new Error(`DeleteBucket: ${answer.status} ${await answer.text()}`);
  }

  /** Lets pages of every origin do what they are granted to, and read what the client has to. */
  async allowAnyOrigin() {
    const rule = { AllowedOrigin: ["*"], AllowedMethod: ["GET", "HEAD", "PUT", "POST", "DELETE"], AllowedHeader: ["*"], ExposeHeader: ["ETag", "x-amz-request-id"] };
    const elements = Object.entries(rule).flatMap(([name, values]) => values.map(value => `<${name}>${value}</${name}>`));
    const body = `<CORSConfiguration><CORSRule>${elements.join("")}</CORSRule></CORSConfiguration>`;
    const headers = { "content-type": "application/xml", "content-md5": createHash("md5").update(body).digest("base64") };
    const answer = await this.#client.fetch(`${this.#base}?cors`, { method: "PUT", body, headers });
    if (!answer.ok) throw new Error(`PutBucketCors: ${answer.status} ${await answer.text()}`);
  }

  /** Every key, sorted. */
  async keys() {
    const keys = [];
    let token;
    do {
      const xml = await this.#list("ListObjectsV2", this.#base, { "list-type": "2", "continuation-token": token });
      keys.push(...values(xml, "Key"));
      [token] = values(xml, "NextContinuationToken");
    } while (token);
    return keys.sort();
  }

  /**
   * The multipart uploads that have neither been completed nor aborted, of this key or of all: `{ key, id, parts }`, each part
   * `{ number, size, etag }`. MinIO tells only of a given key's.
   */
  async uploads(key) {
    const uploads = [];
    let next = {};
    do {
      const xml = await this.#list("ListMultipartUploads", this.#base, { uploads: "", prefix: key, ...next });
      for (const upload of elements(xml, "Upload")) {
        const [[of], [id]] = [values(upload, "Key"), values(upload, "UploadId")];
        if (key !== undefined && of !== key) continue;
        const parts = await this.#parts(of, id);
        if (parts) uploads.push({ key: of, id, parts });
      }
      next = more(xml) && { "key-marker": values(xml, "NextKeyMarker")[0], "upload-id-marker": values(xml, "NextUploadIdMarker")[0] };
    } while (next);
    return uploads;
  }

  /** Nothing of an upload that has come to its end meanwhile. */
  async #parts(key, uploadId) {
    const parts = [];
    let next = {};
    do {
      const xml = await this.#list("ListParts", this.#url(key), { uploadId, ...next });
      if (!xml) return undefined;
      for (const part of elements(xml, "Part")) {
        const [number, size, etag] = ["PartNumber", "Size", "ETag"].map(name => values(part, name)[0]);
        parts.push({ number: Number(number), size: Number(size), etag });
      }
      next = more(xml) && { "part-number-marker": values(xml, "NextPartNumberMarker")[0] };
    } while (next);
    return parts.sort((one, other) => one.number - other.number);
  }

  /** Gives up a multipart upload; one that is not there any more is none to give up. */
  async abort({ key, id }) {
    const answer = await this.#client.fetch(`${this.#url(key)}?${new URLSearchParams({ uploadId: id })}`, { method: "DELETE" });
    if (!answer.ok && answer.status !== 404) throw new Error(`AbortMultipartUpload ${key}: ${answer.status} ${await answer.text()}`);
    await answer.body?.cancel();
  }

  /** Every trace of a key: the object, and uploads to it that have not come to an end. */
  async forget(key) {
    for (const upload of await this.uploads(key)) await this.abort(upload);
    await this.remove(key);
  }

  async #list(action, url, query) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const answer = await this.#client.fetch(`${url}?${new URLSearchParams(given)}`);
    const xml = await answer.text();
    if (answer.status === 404 && query.uploadId) return undefined;
    if (!answer.ok) throw new Error(`${action}: ${answer.status} ${xml}`);
    return xml;
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

  /** The headers that an object has. */
  async head(key) {
    const answer = await this.#client.fetch(this.#url(key), { method: "HEAD", headers: { "accept-encoding": "identity" } });
    if (!answer.ok) throw new Error(`HeadObject ${key}: ${answer.status}`);
    return answer.headers;
  }

  /** Whether a reader who asks for the object with this `ETag`, as a receipt has it, and for no other one gets it. What does not heed `If-Match` tells by its answer's. */
  async isStill(key, etag) {
    const answer = await this.#client.fetch(this.#url(key), { headers: { "accept-encoding": "identity", "if-match": `"${etag}"` } });
    await answer.body?.cancel();
    if (!answer.ok && answer.status !== 412) throw new Error(`GetObject ${key}: ${answer.status}`);
    return answer.ok && answer.headers.get("etag") === `"${etag}"`;
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

const elements = (xml, element) => [...xml.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, "gs"))].map(([, inner]) => inner);

const more = xml => values(xml, "IsTruncated")[0] === "true";

function values(xml, element) {
  const pattern = new RegExp(`<${element}>([^<]*)</${element}>`, "g");
  return [...xml.matchAll(pattern)].map(([, text]) =>
    text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (_, hex, decimal, name) =>
      name ? NAMED[name] : String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal)),
    ),
  );
}
