// Somebody has the grant of one PUT, and tools of their own, and wants more of the store than was granted.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as after } from "node:timers/promises";
import { arrangeOutside } from "../harness/arrange.mjs";
import { bytes, sha256 } from "../harness/bytes.mjs";
import { can } from "../harness/engine.mjs";
import { forged, head, inChunks, parameter, send, sendPut, sendRaw, withQuery } from "../harness/outside.mjs";
import { isRefusal, isSuccess } from "../harness/put.mjs";

const TYPE = "application/x-test";
const honest = bytes(1, 1000);
const whole = { sha256: sha256(honest), size: honest.length, type: TYPE };
const file = name => ({ name, size: honest.length, type: TYPE });

/** What is not there is refused too. */
const isRefused = status => isRefusal(status) || status === 501;

describe("a grant of one PUT", () => {
  const demo = arrangeOutside();

  /** Another user's object, which nothing here may change. */
  async function victim() {
    const [grant] = await demo.ask(file("victim.bin"));
    const contents = bytes(9, honest.length);
    assert.ok(isSuccess((await sendPut(grant, contents)).status));
    return { key: grant.key, untouched: async what => assert.equal((await demo.bucket.object(grant.key))?.sha256, sha256(contents), what) };
  }

  /** Every attempt is refused and leaves nothing; then the honest upload, with the very same grant, is taken. */
  async function refusesEach(attempts) {
    const [grant] = await demo.ask(file("grant.bin"));
    const before = await demo.bucket.keys();
    for (const [what, attempt] of await attempts(grant)) {
      const { status, text } = await attempt();
      assert.ok(isRefused(status), `${what}: ${status} ${text}`);
      assert.equal(await demo.bucket.object(grant.key), undefined, what);
    }
    const { status, text } = await sendPut(grant, honest);
    assert.ok(isSuccess(status), text);
    assert.deepEqual(await demo.bucket.object(grant.key), whole);
    if (!demo.shared) assert.deepEqual(await demo.bucket.keys(), [...before, grant.key].sort());
  }

  const changed = (grant, changes) => () => sendPut(grant, honest, changes);
  const at = (grant, url, more) => () => sendPut({ ...grant, url }, honest, {}, more);

  test("takes no bigger and no smaller body", () =>
    refusesEach(grant => [1001, 999, 0, 2000, 10_000_000].map(size => [`${size} bytes`, () => sendPut(grant, bytes(1, size))])));

  test("keeps no byte beyond the declared length, and reads it as no request", async () => {
    const [grant] = await demo.ask(file("longer.bin"));
    const { key, untouched } = await victim();
    const smuggled = head("DELETE", grant.url.replace(encodeURI(grant.key), encodeURI(key)), { "content-length": "0" });
    await sendRaw(grant.url, head("PUT", grant.url, grant.headers), honest, smuggled, bytes(2, 5000));
    assert.deepEqual(await demo.bucket.object(grant.key), whole);
    await untouched();
  });

  test("makes no object of a body that breaks off", async () => {
    const [grant] = await demo.ask(file("shorter.bin"));
    await sendRaw(grant.url, head("PUT", grant.url, grant.headers), honest.subarray(0, 999));
    assert.equal(await demo.bucket.object(grant.key), undefined);
  });

  test("takes no body whose length is told in chunks", async () => {
    const [grant] = await demo.ask(file("chunked.bin"));
    const large = bytes(2, 5000);
    const chunks = [`${large.length.toString(16)}\r\n`, large, "\r\n0\r\n\r\n"];
    const { "content-length": _, ...without } = grant.headers;
    for (const headers of [grant.headers, without, { ...grant.headers, "transfer-encoding": "identity, chunked" }]) {
      await sendRaw(grant.url, head("PUT", grant.url, { "transfer-encoding": "chunked", ...headers }), ...chunks);
      assert.equal(await demo.bucket.object(grant.key), undefined, JSON.stringify(headers));
    }
  });

  const chunks = inChunks(honest.length);
  const SIGNED = ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"];

  test("takes no body in AWS's own signed chunks, which hide its length", () => {
    assert.equal(chunks.body.length, honest.length);
    return refusesEach(grant =>
      SIGNED.flatMap(kind => {
        const headers = { ...chunks.headers, "x-amz-content-sha256": kind };
        return [grant.url, forged(grant.url)].map(url => [`${kind} ${url}`, () => sendPut({ ...grant, url }, chunks.body, headers)]);
      }),
    );
  });

  if (can.verifiesTrailers) {
    test("takes no body in AWS's own unsigned chunks, whoever signed or did not", () =>
      refusesEach(grant =>
        [grant.url, forged(grant.url), withQuery(grant.url, { "X-Amz-Signature": undefined })].flatMap(url =>
          [chunks, inChunks(5000)].map(({ body, headers }) => [url, () => sendPut({ ...grant, url }, body, headers)]),
        ),
      ));
  } else {
    test("this store takes a body in unsigned chunks from whoever knows an access key ID, and writes it anywhere", async () => {
      const { key } = await victim();
      const [grant] = await demo.ask(file("grant.bin"));
      const { body, headers, contents } = inChunks(5000);
      const url = forged(grant.url).replace(encodeURI(grant.key), encodeURI(key));
      const { status, text } = await sendPut({ url, headers: {} }, body, headers);
      assert.ok(isSuccess(status), text);
      assert.equal((await demo.bucket.object(key)).sha256, sha256(contents));
    });
  }

  test("takes no other content type", () =>
    refusesEach(grant => [
      ["another", changed(grant, { "content-type": "text/html" })],
      ["with a parameter", changed(grant, { "content-type": `${TYPE}; charset=utf-8` })],
      ["none", changed(grant, { "content-type": undefined })],
      ["empty", changed(grant, { "content-type": "" })],
      ["two", changed(grant, { "content-type": [TYPE, "text/html"] })],
      ["two, the other way round", changed(grant, { "content-type": ["text/html", TYPE] })],
    ]));

  test("is for no other key, however it is spelt", async () => {
    const { key, untouched } = await victim();
    await refusesEach(grant => {
      const path = new URL(grant.url).pathname;
      const query = new URL(grant.url).search;
      const base = path.slice(0, -encodeURI(grant.key).length);
      const [folder] = grant.key.split("/");
      const keys = [
        key,
        `${grant.key}/../../${key}`,
        `${folder}/../${key}`,
        `${folder}/%2e%2e/${key}`,
        `${folder}%2f..%2f${key}`,
        `${folder}/..%2f${key}`,
        `${folder}/%252e%252e/${key}`,
        `${folder}\\..\\${key}`,
        `/${key}`,
        `./${key}`,
        `${grant.key}/`,
        `${grant.key}%00`,
        `${grant.key};${key}`,
        grant.key.toUpperCase(),
      ];
      return keys.map(other => [other, at(grant, grant.url, { path: base + other + query })]);
    });
    await untouched();
  });

  test("is for no other bucket", async t => {
    const other = await demo.anotherBucket(t);
    await refusesEach(grant => {
      const { pathname, search, hostname, port } = new URL(grant.url);
      const [, bucket, ...rest] = pathname.split("/");
      const moved = `/${other.name}/${rest.join("/")}${search}`;
      const hosts = [`${other.name}.${hostname}:${port}`, `${other.name}.s3.localhost`, other.name];
      return [
        ["in the path", at(grant, grant.url, { path: moved })],
        ["above the bucket", at(grant, grant.url, { path: `/${bucket}/..${moved}` })],
        ["encoded", at(grant, grant.url, { path: `/${bucket}/%2e%2e${moved}` })],
        ...hosts.map(host => [`by its host ${host}`, changed(grant, { host })]),
      ];
    });
    assert.deepEqual(await other.bucket.keys(), []);
  });

  test("is for no other method", async () => {
    const [grant] = await demo.ask(file("method.bin"));
    const methods = ["GET", "HEAD", "DELETE", "POST"];
    const { "content-length": _, ...headers } = grant.headers;
    const refused = async () => {
      for (const method of methods) {
        const { status, text } = await send(grant.url, { method, headers, body: method === "POST" ? honest : "" });
        assert.ok(isRefused(status), `${method}: ${status}`);
        assert.ok(!text.includes(honest.toString()), method);
      }
    };
    await refused();
    const overriding = { "x-http-method-override": "DELETE", "x-http-method": "DELETE" };
    assert.ok(isSuccess((await sendPut(grant, honest, overriding)).status));
    await refused();
    assert.deepEqual(await demo.bucket.object(grant.key), whole);
  });

  test("is for no other part of S3's interface", () =>
    refusesEach(grant =>
      ["acl", "tagging", "uploads", "versionId", "retention", "legal-hold", "policy", "cors", "delete", "restore", "torrent", "response-content-type"].flatMap(name => [
        [`${name}, behind`, at(grant, `${grant.url}&${name}=`)],
        [`${name}, in front`, at(grant, grant.url.replace("?", `?${name}=x&`))],
      ]),
    ));

  test("is nothing without its very signature", async () => {
    const [other] = await demo.ask(file("other.bin"));
    await refusesEach(grant => {
      const signature = parameter(grant.url, "X-Amz-Signature");
      const signed = (what, value) => [what, at(grant, withQuery(grant.url, { "X-Amz-Signature": value }))];
      const first = signature[0] === "0" ? "1" : "0";
      return [
        signed("one digit changed", first + signature.slice(1)),
        signed("the last changed", signature.slice(0, -1) + (signature.at(-1) === "0" ? "1" : "0")),
        signed("cut", signature.slice(0, -2)),
        signed("empty", ""),
        signed("zeros", "0".repeat(64)),
        signed("another grant's", parameter(other.url, "X-Amz-Signature")),
        signed("none", undefined),
        ["a second one in front", at(grant, grant.url.replace("?", `?X-Amz-Signature=${"0".repeat(64)}&`))],
        ["no query at all", at(grant, grant.url.split("?")[0])],
        ["another who signed", at(grant, withQuery(grant.url, { "X-Amz-Credential": parameter(grant.url, "X-Amz-Credential").replace("/s3/", "/iam/") }))],
        ["another algorithm", at(grant, withQuery(grant.url, { "X-Amz-Algorithm": "none" }))],
      ];
    });
  });

  test("leaves no signed header out", () =>
    refusesEach(grant => {
      const fewer = names => withQuery(grant.url, { "X-Amz-SignedHeaders": names });
      return [
        ["the host alone is said to be signed", () => sendPut({ ...grant, url: fewer("host") }, bytes(1, 1500), { "content-type": "text/html" })],
        ["none is", at(grant, fewer(""))],
        ["more are", at(grant, fewer(`${parameter(grant.url, "X-Amz-SignedHeaders")};x-amz-acl`))],
        ...Object.keys(grant.headers)
          .filter(name => name !== "content-length")
          .map(name => [`${name} is not sent`, changed(grant, { [name]: undefined })]),
      ];
    }));

  test("lives no longer than was signed", () =>
    refusesEach(grant => {
      const later = parameter(grant.url, "X-Amz-Date").replace(/^\d{4}/, year => String(Number(year) + 1));
      return [
        ["a week", at(grant, withQuery(grant.url, { "X-Amz-Expires": "604800" }))],
        ["for ever", at(grant, withQuery(grant.url, { "X-Amz-Expires": undefined }))],
        ["a year later", at(grant, withQuery(grant.url, { "X-Amz-Date": later }))],
      ];
    }));

  test("stores no metadata, redirect or lock that was not signed", async () => {
    const headers = { "x-amz-meta-role": "admin", "x-amz-website-redirect-location": "https://evil.example/", "x-amz-object-lock-legal-hold": "ON" };
    for (const [name, value] of Object.entries(headers)) {
      const [grant] = await demo.ask(file("unsigned.bin"));
      // Whether it is refused or just not heeded is the store's affair.
      const { status, text } = await sendPut(grant, honest, { [name]: value });
      if (isRefused(status)) {
        assert.equal(await demo.bucket.object(grant.key), undefined, name);
        continue;
      }
      assert.ok(isSuccess(status), `${name}: ${status} ${text}`);
      const stored = await demo.bucket.head(grant.key);
      assert.equal(stored.get(name), null, name);
    }
  });

  const settings = { "x-amz-tagging": "role=admin", "x-amz-storage-class": "REDUCED_REDUNDANCY" };
  if (can.refusesUnsignedSettings) {
    test("stores no tag and no storage class that was not signed", () => refusesEach(grant => Object.entries(settings).map(([name, value]) => [name, changed(grant, { [name]: value })])));
  } else {
    test("this store heeds tags and a storage class that nobody signed", async () => {
      const [grant] = await demo.ask(file("tagged.bin"));
      const { status, text } = await sendPut(grant, honest, settings);
      assert.ok(isSuccess(status), text);
      const stored = await demo.bucket.head(grant.key);
      assert.deepEqual([stored.get("x-amz-tagging-count"), stored.get("x-amz-storage-class")], ["1", "REDUCED_REDUNDANCY"]);
    });
  }

  if (can.refusesUnsignedAcls) {
    test("makes nothing public", async () => {
      const [grant] = await demo.ask(file("public.bin"));
      for (const headers of [{ "x-amz-acl": "public-read" }, { "x-amz-acl": "public-read-write" }, { "x-amz-grant-read": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' }]) {
        await sendPut(grant, honest, headers);
      }
      await sendPut(grant, honest);
      assert.deepEqual(await demo.bucket.object(grant.key), whole);
      const [plain] = grant.url.split("?");
      for (const method of ["GET", "PUT", "DELETE"]) assert.ok(isRefused((await send(plain, { method, body: method === "PUT" ? "a" : "" })).status), method);
      assert.deepEqual(await demo.bucket.object(grant.key), whole);
    });
  } else {
    test("this store heeds an ACL that nobody signed: an upload can be made public by who uploads it", async () => {
      const [grant] = await demo.ask(file("public.bin"));
      assert.ok(isSuccess((await sendPut(grant, honest, { "x-amz-acl": "public-read" })).status));
      assert.equal((await send(grant.url.split("?")[0], { method: "GET" })).status, 200);
    });
  }

  test("lists no bucket and reads no object", async () => {
    const { key, untouched } = await victim();
    const [grant] = await demo.ask(file("reader.bin"));
    const { pathname, search } = new URL(grant.url);
    const bucket = pathname.slice(0, -encodeURI(grant.key).length);
    for (const path of [bucket, `${bucket}?list-type=2`, bucket + search, `${bucket}${search}&list-type=2`, bucket + encodeURI(key), bucket + encodeURI(key) + search]) {
      const { status, text } = await send(grant.url, { method: "GET", path });
      assert.ok(isRefused(status), `${path}: ${status}`);
      assert.ok(!text.includes("<Contents>"), path);
    }
    await untouched();
  });

  // The demo asks for it where the store keeps to it however a file comes.
  if (can.conditionalWrites && can.conditionalCompletes) {
    test("is used once: of twelve at once one wins, and none overwrites it later", async () => {
      const [grant] = await demo.ask(file("race.bin"));
      const contents = Array.from({ length: 12 }, (_, seed) => bytes(seed + 20, honest.length));
      const answers = await Promise.all(contents.map(content => sendPut(grant, content)));
      const winners = contents.filter((_, index) => isSuccess(answers[index].status));
      assert.equal(winners.length, 1, answers.map(({ status, code }) => `${status} ${code}`).join(", "));
      assert.ok(answers.every(({ status }) => isSuccess(status) || isRefused(status)), answers.map(({ status }) => status).join(", "));
      assert.equal((await demo.bucket.object(grant.key)).sha256, sha256(winners[0]));
      for (const changes of [{}, { "if-none-match": undefined }, { "if-none-match": '"another"' }, { "if-none-match": ["*", '"another"'] }, { "if-match": "*" }]) {
        assert.ok(isRefused((await sendPut(grant, honest, changes)).status), JSON.stringify(changes));
      }
      assert.equal((await demo.bucket.object(grant.key)).sha256, sha256(winners[0]));
    });
  } else {
    test("this store lets twelve at once write: what is there is one of them whole, under a key that only this grant has", async () => {
      const { untouched } = await victim();
      const [grant] = await demo.ask(file("race.bin"));
      const contents = Array.from({ length: 12 }, (_, seed) => bytes(seed + 20, honest.length));
      const answers = await Promise.all(contents.map(content => sendPut(grant, content)));
      assert.ok(answers.every(({ status }) => isSuccess(status)));
      const stored = await demo.bucket.object(grant.key);
      assert.ok(contents.some(content => sha256(content) === stored.sha256));
      await untouched();
    });
  }
});

describe("a grant that has expired", () => {
  const demo = arrangeOutside("--expires", "2");

  test("is not brought to life again", async () => {
    const [grant] = await demo.ask(file("late.bin"));
    await after(3500); // time itself is what is tested
    const now = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const longer = "X-Amz-Expires=604800";
    for (const url of [
      grant.url,
      withQuery(grant.url, { "X-Amz-Expires": "604800" }),
      withQuery(grant.url, { "X-Amz-Date": now }),
      withQuery(grant.url, { "X-Amz-Expires": "604800", "X-Amz-Date": now }),
      `${grant.url}&${longer}`,
      grant.url.replace("?", `?${longer}&`),
      grant.url.replace("?", `?X-Amz-Date=${now}&`),
    ]) {
      for (const headers of [{}, { date: new Date(Date.now() - 60_000).toUTCString() }]) {
        const { status } = await sendPut({ ...grant, url }, honest, headers);
        assert.ok(isRefused(status), `${url.split("&X-Amz-Sign")[0]}: ${status}`);
      }
    }
    assert.equal(await demo.bucket.object(grant.key), undefined);
  });
});
