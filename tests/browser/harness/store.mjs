// The store that this run of the tests is about, by the environment variable PRESIGN_STORE: `embedded` in the demo itself,
// `minio` or `garage` started here, or `given`: any that is there already.
import { Bucket } from "./bucket.mjs";
import { startDemo } from "./demo.mjs";
import { engine } from "./engine.mjs";
import { startGarage } from "./garage.mjs";
import { startMinio } from "./minio.mjs";

const BUCKET = "uploads";

/**
 * What the demo has to be told to use it, where it is and what its bucket holds (the embedded store's are found through the demo, see
 * demo.mjs), and how to end it.
 */
export async function openStore() {
  const open = { embedded: embeddedStore, minio: minioStore, garage: garageStore, given: givenStore }[process.env.PRESIGN_STORE];
  if (!open) throw new Error("PRESIGN_STORE must be `embedded`, `minio`, `garage` or `given`");
  return open();
}

/** The same as a program of its own, so that there can be more demos than one over it, or a proxy between. */
export async function openSeparateStore() {
  const store = await openStore();
  if (store.place) return store;
  const { place, objects, stop } = await startDemo(store);
  return { ...at(place), objects, stop };
}

/** The store as reached at other endpoints: `{ endpoint }` for the demo and the browser, `{ publicEndpoint }` for the browser alone. */
export const through = (store, endpoints) => ({ ...store, args: options({ ...store.place, ...endpoints }) });

/** The same store for a demo that signs the URLs that write with other credentials; everything else keeps its own. */
export const signedBy = (store, { accessKeyId, secretAccessKey, sessionToken }) => ({
  ...store,
  env: { ...store.env, PRESIGN_URL_ACCESS_KEY_ID: accessKeyId, PRESIGN_URL_SECRET_ACCESS_KEY: secretAccessKey, PRESIGN_URL_SESSION_TOKEN: sessionToken },
});

const embeddedStore = () => ({ args: [], env: {}, stop: async () => {} });

async function minioStore() {
  const { stop, ...minio } = await startMinio();
  const store = at({ ...minio, bucket: BUCKET, engine: engine() });
  await store.bucket.create();
  return { ...store, stop };
}

async function garageStore() {
  const { stop, ...garage } = await startGarage(BUCKET);
  const store = at({ ...garage, bucket: BUCKET, engine: engine() });
  await store.bucket.allowAnyOrigin();
  return { ...store, stop };
}

function givenStore() {
  const given = name => process.env[`PRESIGN_S3_${name}`];
  const place = {
    endpoint: given("ENDPOINT"),
    publicEndpoint: given("PUBLIC_ENDPOINT"),
    region: given("REGION") ?? "us-east-1",
    bucket: given("BUCKET") ?? BUCKET,
    virtualHost: given("VIRTUAL_HOST") === "true",
    engine: engine(),
    credentials: {
      accessKeyId: process.env.AWS_ACCESS_KEY_ID,
      secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
      sessionToken: process.env.AWS_SESSION_TOKEN || undefined,
    },
  };
  // What was uploaded there must not stay.
  return { ...at(place), shared: true, stop: async () => {} };
}

const at = place => ({ place, args: options(place), env: awsEnvironment(place.credentials), bucket: new Bucket(place) });

/** In the demo's words. */
function options({ endpoint, publicEndpoint, region, bucket, virtualHost, engine }) {
  const named = { endpoint, "public-endpoint": publicEndpoint, region, bucket, engine };
  const given = Object.entries(named).flatMap(([name, value]) => (value ? [`--s3-${name}`, value] : []));
  return virtualHost ? [...given, "--s3-virtual-host"] : given;
}

const awsEnvironment = ({ accessKeyId, secretAccessKey, sessionToken }) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
});
