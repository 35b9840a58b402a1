// Somebody has the grant of a form, and tools of their own, and wants more of the store than was granted.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { arrangeOutside, arrangeWriteOnly } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { can, engine } from "../harness/engine.mjs";
import { changedFields, fieldPart, filePart, formOf, head, sendForm, sendRaw } from "../harness/outside.mjs";
import { isRefusal, isSuccess } from "../harness/put.mjs";

const FORMS = ["--post-below", "1000000"];
const TYPE = "application/x-test";
const honest = bytes(1, 1000);
const whole = { sha256: sha256(honest), size: honest.length, type: TYPE };
const file = name => ({ name, size: honest.length, type: TYPE });

/** Headers of an answer that say nothing of the object's settings. */
const PASSING = /^(date|server|vary|connection|keep-alive|etag|last-modified|x-amz-(request-id|id-2)|strict-transport-security|x-(ratelimit|xss)-.*)$/;

/** What is not there is refused too. */
const isRefused = status => isRefusal(status) || status === 501;

async function granted(demo, name = "form.bin") {
  const [grant] = await demo.ask(file(name));
  assert.equal(grant.method, "post");
  return grant;
}

/** Another user's object, which nothing here may change. */
async function victim(demo) {
  const grant = await granted(demo, "victim.bin");
  const contents = bytes(9, honest.length);
  assert.ok(isSuccess((await sendForm(grant, contents)).status));
  return { key: grant.key, untouched: async what => assert.equal((await demo.bucket.object(grant.key))?.sha256, sha256(contents), what) };
}

/** Fields that make a store write a file to as many keys as a list names. */
const fanOut = key => ({ "x-minio-fanout-list": JSON.stringify({ key }) });

/** Fields that give an object a key which only its sender knows. */
function ownEncryption() {
  const key = Buffer.alloc(32, "k");
  const prefix = "x-amz-server-side-encryption-customer";
  return { [`${prefix}-algorithm`]: "AES256", [`${prefix}-key`]: key.toString("base64"), [`${prefix}-key-MD5`]: createHash("md5").update(key).digest("base64") };
}

describe("a grant of a form", () => {
  const demo = arrangeOutside(...FORMS);

  /** Every attempt is refused and leaves nothing; then the honest upload, with the very same grant, is taken. */
  async function refusesEach(attempts) {
    const grant = await granted(demo);
    const before = await demo.bucket.keys();
    for (const [what, attempt] of await attempts(grant)) {
      const { status, text } = await attempt();
      assert.ok(isRefused(status), `${what}: ${status} ${text}`);
      assert.equal(await demo.bucket.object(grant.key), undefined, what);
    }
    const { status, text } = await sendForm(grant, honest);
    assert.ok(isSuccess(status), text);
    assert.deepEqual(await demo.bucket.object(grant.key), whole);
    if (!demo.shared) assert.deepEqual(await demo.bucket.keys(), [...before, grant.key].sort());
  }

  /** Whether an attempt is refused or taken is the store's affair: what is stored, if anything is, is what was granted and no more. */
  async function heedsNone(attempts) {
    const plain = await granted(demo, "plain.bin");
    await sendForm(plain, honest);
    const names = async key => [...(await demo.bucket.head(key)).keys()].filter(name => !PASSING.test(name)).sort();
    const expected = await names(plain.key);
    const before = await demo.bucket.keys();
    const ours = [];
    for (const [what, attempt] of attempts) {
      const grant = await granted(demo);
      ours.push(grant.key);
      const { status, text, headers } = await attempt(grant);
      assert.ok(isSuccess(status) || isRefused(status), `${what}: ${status} ${text}`);
      assert.ok(!headers.location?.includes("evil"), what);
      const stored = await demo.bucket.object(grant.key);
      assert.equal(stored !== undefined, isSuccess(status), what);
      if (!stored) continue;
      assert.deepEqual(stored, whole, what);
      assert.deepEqual(await names(grant.key), expected, what);
    }
    if (!demo.shared) for (const key of await demo.bucket.keys()) assert.ok([...before, ...ours].includes(key), key);
  }

  const changed = (grant, changes) => () => sendForm(grant, honest, changes);
  const withParts = (grant, ...parts) => () => sendForm(grant, honest, {}, { parts });

  test("takes no bigger and no smaller file", () =>
    refusesEach(grant => [
      ...[1001, 999, 0, 2000, 3_000_000].map(size => [`${size} bytes`, () => sendForm(grant, bytes(1, size))]),
      ["no file", withParts(grant)],
      ["a bigger one in front", withParts(grant, filePart(bytes(2, 5000)), filePart(honest))],
      ["fields behind it", () => sendForm(grant, honest, {}, { fields: [], parts: [filePart(honest), ...changedFields(grant.fields, {}).map(field => fieldPart(...field))] })],
    ]));

  test("stores the file alone, whatever else is in the form", () =>
    heedsNone([
      ["a second one", grant => withParts(grant, filePart(honest), filePart(bytes(2, 5000)))()],
      ["fields behind it", grant => withParts(grant, filePart(honest), ...[["acl", "public-read"], ["x-amz-meta-role", "admin"], ["key", "elsewhere"]].map(field => fieldPart(...field)))()],
      ["another type of its part", grant => withParts(grant, filePart(honest, { type: "text/html" }))()],
      ["a name that is a path", grant => withParts(grant, filePart(honest, { filename: "../../elsewhere" }))()],
      ["no name", grant => withParts(grant, fieldPart("file", honest))()],
      ["a field to be ignored", grant => changed(grant, { "x-ignore-me": "admin" })()],
    ]));

  test("makes no object of a form that breaks off, or whose length is told in chunks and is another", async () => {
    const grant = await granted(demo);
    const { type, body } = formOf([...changedFields(grant.fields, {}).map(field => fieldPart(...field)), filePart(honest)]);
    const declared = { "content-type": type, "content-length": String(body.length) };
    for (const end of [body.length - 60, body.length - 500, body.length - 1100]) {
      await sendRaw(grant.url, head("POST", grant.url, declared), body.subarray(0, end));
      assert.equal(await demo.bucket.object(grant.key), undefined, String(end));
    }
    const large = formOf([...changedFields(grant.fields, {}).map(field => fieldPart(...field)), filePart(bytes(2, 5000))]).body;
    const chunks = [`${large.length.toString(16)}\r\n`, large, "\r\n0\r\n\r\n"];
    for (const headers of [declared, { "content-type": type }]) {
      await sendRaw(grant.url, head("POST", grant.url, { "transfer-encoding": "chunked", ...headers }), ...chunks);
      assert.equal(await demo.bucket.object(grant.key), undefined, JSON.stringify(headers));
    }
  });

  test("takes no other content type", () =>
    refusesEach(grant => [
      ["another", changed(grant, { "Content-Type": "text/html" })],
      ["with a parameter", changed(grant, { "Content-Type": `${TYPE}; charset=utf-8` })],
      ["empty", changed(grant, { "Content-Type": "" })],
      ["none, but of the file's part", () => sendForm(grant, honest, { "Content-Type": undefined }, { parts: [filePart(honest, { type: "text/html" })] })],
      ["two", changed(grant, { "Content-Type": [TYPE, "text/html"] })],
      ["in another spelling", changed(grant, { "Content-Type": undefined, "content-type": "text/html" })],
      ["in two spellings", changed(grant, { "content-type": "text/html" })],
      ["of the file's name", () => sendForm(grant, honest, { "Content-Type": "${filename}" }, { parts: [filePart(honest, { filename: "text/html" })] })],
    ]));

  test("is for no other key, however it is spelt", async () => {
    const { key, untouched } = await victim(demo);
    await refusesEach(grant => {
      const [folder] = grant.key.split("/");
      const named = field => () => sendForm(grant, honest, { key: field }, { parts: [filePart(honest, { filename: key })] });
      return [
        ...[key, `/${grant.key}`, `${folder}/../${key}`, `${grant.key}/../../${key}`, `${grant.key}/`, `${grant.key}\0`, grant.key.toUpperCase(), ""].map(other => [other, changed(grant, { key: other })]),
        ...["${filename}", "${fileName}", `${folder}/\${filename}`, `${folder}/../\${filename}`].map(field => [`${field} of a file of that name`, named(field)]),
        ["no key, but the file's name", named(undefined)],
        ["two", changed(grant, { key: [grant.key, key] })],
        ["another spelling of the field", changed(grant, { key: undefined, KEY: key })],
        ["two spellings of the field", changed(grant, { KEY: key })],
        ["below the bucket's URL", () => sendForm({ ...grant, url: `${grant.url}/${encodeURI(key)}` }, honest)],
      ];
    });
    await heedsNone([
      ["two, the other way round", grant => changed(grant, { key: [key, grant.key] })()],
      ["its own as the file's name", grant => sendForm(grant, honest, { key: grant.key.replace("form.bin", "${filename}") }, { parts: [filePart(honest, { filename: "form.bin" })] })],
      ["in the query", grant => sendForm({ ...grant, url: `${grant.url}?key=${encodeURIComponent(key)}` }, honest)],
    ]);
    await untouched();
  });

  test("is for no other bucket", async t => {
    const other = await demo.anotherBucket(t);
    await refusesEach(grant => {
      const url = new URL(grant.url);
      const elsewhere = new URL(`/${other.name}`, url).href;
      return [
        ["in the path", () => sendForm({ ...grant, url: elsewhere }, honest)],
        ["in the path and in a field", () => sendForm({ ...grant, url: elsewhere }, honest, { bucket: demo.place.bucket })],
        ["above the bucket", () => sendForm(grant, honest, {}, { path: `${url.pathname}/../${other.name}` })],
        ["encoded", () => sendForm(grant, honest, {}, { path: `${url.pathname}/%2e%2e/${other.name}` })],
      ];
    });
    await heedsNone([
      ["in a field", grant => changed(grant, { bucket: other.name })()],
      ["by its host", grant => sendForm(grant, honest, {}, { headers: { host: `${other.name}.s3.localhost` } })],
    ]);
    assert.deepEqual(await other.bucket.keys(), []);
  });

  test("is for no other part of S3's interface", async () => {
    const { untouched, key } = await victim(demo);
    const names = ["acl", "delete", "uploads", "uploadId=x", "tagging", "policy", "cors", "restore", "versioning", "select&select-type=2", "versionId=x"];
    await heedsNone(names.map(name => [name, grant => sendForm({ ...grant, url: `${grant.url}?${name}` }, honest)]));
    // What would be deleted, in the file, and in front of all.
    const list = `<Delete><Object><Key>${key}</Key></Object></Delete>`;
    const grant = await granted(demo);
    await sendForm({ ...grant, url: `${grant.url}?delete` }, list);
    await sendForm({ ...grant, url: `${grant.url}?delete` }, honest, {}, { body: list, headers: { "content-type": "application/xml" } });
    await untouched();
  });

  // Without the secret: what a form would be that nobody limited.
  test("is nothing without its very policy and signature", async () => {
    const other = await granted(demo, "other.bin");
    const policy = change => fields => {
      const document = JSON.parse(Buffer.from(fields.policy, "base64"));
      return Buffer.from(JSON.stringify(change(document))).toString("base64");
    };
    await refusesEach(grant => {
      const { fields } = grant;
      const signature = fields["x-amz-signature"];
      const longer = policy(({ conditions, ...rest }) => ({ ...rest, conditions: conditions.map(condition => (condition[0] === "content-length-range" ? [condition[0], 0, 1e9] : condition)) }));
      return [
        ["a wider policy", () => sendForm(grant, bytes(1, 5000), { policy: longer(fields) })],
        ["a longer one", changed(grant, { policy: policy(document => ({ ...document, expiration: "2999-01-01T00:00:00.000Z" }))(fields) })],
        ["one that demands nothing", changed(grant, { policy: policy(({ expiration }) => ({ expiration, conditions: [] }))(fields) })],
        ["another's", changed(grant, { policy: other.fields.policy })],
        ["another's, with its signature", changed(grant, { policy: other.fields.policy, "x-amz-signature": other.fields["x-amz-signature"] })],
        ["an empty one", changed(grant, { policy: "" })],
        ["none", changed(grant, { policy: undefined })],
        ["white space in it", changed(grant, { policy: `${fields.policy} ` })],
        ["a second one", () => sendForm(grant, bytes(1, 5000), { policy: [longer(fields), fields.policy] })],
        ["a second one, the other way round", () => sendForm(grant, bytes(1, 5000), { policy: [fields.policy, longer(fields)] })],
        ...["", "0".repeat(64), signature.slice(0, -2), other.fields["x-amz-signature"]].map(value => [`the signature ${value}`, changed(grant, { "x-amz-signature": value })]),
        ["no signature", changed(grant, { "x-amz-signature": undefined })],
        ["nothing of a signature", changed(grant, Object.fromEntries(Object.keys(fields).filter(name => /^policy|^x-amz-(?!meta)/.test(name)).map(name => [name, undefined])))],
        ["the older signature", changed(grant, { "x-amz-signature": undefined, AWSAccessKeyId: demo.place.credentials.accessKeyId, signature: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" })],
        ["another algorithm", changed(grant, { "x-amz-algorithm": "none" })],
        ["another who signed", changed(grant, { "x-amz-credential": fields["x-amz-credential"].replace(/^[^/]+/, "admin") })],
        ["another day", changed(grant, { "x-amz-credential": fields["x-amz-credential"].replace(/\/\d{8}\//, "/20200101/") })],
        ["another time", changed(grant, { "x-amz-date": fields["x-amz-date"].replace(/^\d{4}/, year => String(Number(year) + 1)) })],
        ["another status", changed(grant, { success_action_status: "200" })],
      ];
    });
  });

  const settings = {
    acl: "public-read",
    "x-amz-acl": "public-read",
    "x-amz-grant-read": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"',
    "x-amz-meta-role": "admin",
    "x-amz-copy-source": "/uploads/another",
    "x-amz-metadata-directive": "REPLACE",
    "x-amz-tagging": "role=admin",
    tagging: "<Tagging><TagSet><Tag><Key>role</Key><Value>admin</Value></Tag></TagSet></Tagging>",
    success_action_redirect: "https://evil.example/",
    redirect: "https://evil.example/",
    "x-amz-website-redirect-location": "https://evil.example/",
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
    "x-amz-object-lock-legal-hold": "ON",
    "x-amz-object-lock-mode": "COMPLIANCE",
    "x-amz-security-token": "token",
    "Cache-Control": "max-age=31536000",
    "Content-Disposition": "inline",
    "Content-Encoding": "gzip",
    Expires: "Thu, 01 Jan 2099 00:00:00 GMT",
    "x-amz-server-side-encryption": "AES256",
  };

  test("takes no field that was not signed: no setting, no metadata, no copy, no redirect", async () => {
    await refusesEach(grant => [
      ...Object.entries(settings).map(([name, value]) => [name, changed(grant, { [name]: value })]),
      ["a key of one's own to encrypt with", changed(grant, ownEncryption())],
    ]);
  });

  test("leaves no field out that was signed", () =>
    refusesEach(grant => Object.keys(grant.fields).map(name => [name, changed(grant, { [name]: undefined })])));

  test("heeds no header in a field's place", async () => {
    const { key, untouched } = await victim(demo);
    const headers = { ...settings, "x-amz-copy-source": `/${demo.place.bucket}/${encodeURI(key)}`, key, "x-http-method-override": "DELETE" };
    await heedsNone(Object.entries(headers).map(([name, value]) => [name, grant => sendForm(grant, honest, {}, { headers: { [name]: value } })]));
    await untouched();
  });

  if (can.refusesFanOut) {
    test("writes to no list of keys", async () => {
      const { key, untouched } = await victim(demo);
      await refusesEach(grant => [key, "elsewhere.html"].map(other => [other, changed(grant, fanOut(other))]));
      await untouched();
    });
  } else {
    test("this store writes a form's file to a list of keys that nobody signed: whoever has a form overwrites what its credentials may", async () => {
      const { key } = await victim(demo);
      const grant = await granted(demo);
      const { status, text } = await sendForm(grant, honest, fanOut(key));
      assert.ok(isSuccess(status), text);
      assert.equal((await demo.bucket.object(key)).sha256, whole.sha256);
    });
  }

  // A form cannot forbid overwriting, at no store.
  test("sent once more with other bytes overwrites what it wrote, and nothing else", async () => {
    const { untouched } = await victim(demo);
    const grant = await granted(demo);
    const contents = Array.from({ length: 6 }, (_, seed) => bytes(seed + 20, honest.length));
    const answers = await Promise.all(contents.map(content => sendForm(grant, content)));
    assert.ok(answers.every(({ status }) => isSuccess(status)), answers.map(({ status }) => status).join(", "));
    const stored = await demo.bucket.object(grant.key);
    assert.ok(contents.some(content => sha256(content) === stored.sha256), "it is one of them whole");
    assert.deepEqual([stored.size, stored.type], [whole.size, TYPE]);
    await untouched();
  });
});

describe("a form that has expired", () => {
  const demo = arrangeOutside(...FORMS, "--expires", "2");

  test("is not brought to life again", async () => {
    const grant = await granted(demo, "late.bin");
    await after(3500); // time itself is what is tested
    const now = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const later = { expiration: "2999-01-01T00:00:00.000Z" };
    const policy = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(grant.fields.policy, "base64")), ...later })).toString("base64");
    for (const changes of [{}, { "x-amz-date": now }, { policy }, { policy: [grant.fields.policy, policy] }, { "x-amz-expires": "604800" }]) {
      for (const headers of [{}, { date: new Date(Date.now() - 60_000).toUTCString() }]) {
        const { status } = await sendForm(grant, honest, changes, { headers });
        assert.ok(isRefused(status), `${Object.keys(changes)}: ${status}`);
      }
    }
    assert.equal(await demo.bucket.object(grant.key), undefined);
  });
});

// What such a store does is bounded by what the credentials may that signed the form.
if (engine() === "minio") {
  describe("a form of credentials that may only write", () => {
    const demo = arrangeWriteOnly(...FORMS);

    test("writes to no list of keys", async () => {
      const { key, untouched } = await victim(demo);
      const before = await demo.bucket.keys();
      for (const other of [key, "elsewhere.html"]) {
        const grant = await granted(demo);
        const { status, text } = await sendForm(grant, honest, fanOut(other));
        assert.ok(isRefusal(status), `${other}: ${status} ${text}`);
      }
      assert.deepEqual(await demo.bucket.keys(), before);
      await untouched();
    });
  });
}
