// The demo: the program of the environment variable PRESIGN_DEMO, on a free port.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Bucket } from "./bucket.mjs";
import { temporaryFolder } from "./folder.mjs";
import { end, prints, start } from "./processes.mjs";

/** Starts the demo over `store` with more of its options, and finds out which bucket it grants uploads to. */
export async function startDemo(store, options = []) {
  const program = process.env.PRESIGN_DEMO;
  if (!program) throw new Error("PRESIGN_DEMO must name the program `presign-demo`");
  const folder = await temporaryFolder("demo");
  const listenOn = async address => {
    const args = ["--listen", address, "--data", folder.path, ...store.args, ...options];
    const running = start(program, args, { ...plainEnvironment(), ...store.env });
    const [, origin] = await prints(running, /^Listening on (http:\/\/[^/\s]+)\/$/m);
    return { running, origin };
  };
  let { running, origin } = await listenOn("127.0.0.1:0");
  const stop = async () => {
    const ended = await end(running);
    folder.remove();
    return ended;
  };
  const crash = () => end(running, "SIGKILL");
  // Where it was: what a browser keeps belongs to an origin.
  const restart = async () => ({ running } = await listenOn(new URL(origin).host));
  const demo = { origin, data: folder.path, stop, crash, restart, running };
  return { ...demo, ...(store.place ? { place: store.place, bucket: store.bucket, objects: store.objects } : await embeddedBucket(demo)) };
}

/** Without what would change the demo's options from outside. */
const plainEnvironment = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PRESIGN|AWS)_/.test(name) || name === "PRESIGN_CLIENT"));

/** What a client of the protocol is answered when it asks to upload these files. */
export async function ask(demo, ...files) {
  const answer = await fetch(`${demo.origin}/presignedUrl`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ files }),
  });
  if (!answer.ok) throw new Error(`POST /presignedUrl: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).grants;
}

/** What stands in the places of these grants' uploads when a client of the protocol says that they have been sent. */
export async function complete(demo, ...grants) {
  const answer = await fetch(`${demo.origin}/presignedUrl/complete`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ uploads: grants.map(({ token, proof }) => ({ token, ...proof })) }),
  });
  if (!answer.ok) throw new Error(`POST /presignedUrl/complete: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).results;
}

/** The embedded store keeps its credentials with its data; where it listens and its bucket's name are in any URL it grants. */
async function embeddedBucket(demo) {
  const url = await anyGrant(demo);
  const [, bucket] = url.pathname.split("/");
  const scope = url.searchParams.get("X-Amz-Credential").split("/");
  const text = await readFile(join(demo.data, ".presign-demo", "credentials"), "utf8");
  const value = name => new RegExp(`^${name} = (.*)$`, "m").exec(text)[1];
  const credentials = { accessKeyId: value("aws_access_key_id"), secretAccessKey: value("aws_secret_access_key") };
  const place = { endpoint: url.origin, bucket, region: scope[2], credentials };
  return { place, bucket: new Bucket(place), objects: join(demo.data, bucket) };
}

async function anyGrant(demo) {
  const limits = await (await fetch(`${demo.origin}/presignedUrl/limits`)).json();
  const type = limits.types?.[0].replace("/*", "/x") ?? "";
  // Large enough to go by PUT: a form does not say as much.
  const size = Math.max(limits.minSize, limits.postBelow ?? 0);
  const [grant] = await ask(demo, { name: "a", size, type });
  return new URL(grant.url);
}
