// The store that this run of the tests is about, by the environment variable PRESIGN_STORE: `embedded` in the demo itself,
// `minio` started here, or `given`: any that is there already.
import { Bucket } from "./bucket.mjs";
import { startMinio } from "./minio.mjs";

/**
 * What the demo has to be told to use it, its bucket (the embedded store's is found through the demo, see demo.mjs), and how
 * to end it.
 */
export async function openStore() {
  const open = { embedded: embeddedStore, minio: minioStore, given: givenStore }[process.env.PRESIGN_STORE];
  if (!open) throw new Error("PRESIGN_STORE must be `embedded`, `minio` or `given`");
  return open();
}

const embeddedStore = () => ({ args: [], env: {}, bucket: undefined, stop: async () => {} });

async function minioStore() {
  const minio = await startMinio();
  const bucket = new Bucket({ ...minio, bucket: "uploads" });
  await bucket.create();
  return {
    args: ["--s3-endpoint", minio.endpoint, "--s3-region", minio.region, "--s3-bucket", "uploads"],
    env: awsEnvironment(minio.credentials),
    bucket,
    stop: minio.stop,
  };
}

function givenStore() {
  const given = name => process.env[`PRESIGN_S3_${name}`];
  const option = name => (given(name) ? [`--s3-${name.toLowerCase().replace("_", "-")}`, given(name)] : []);
  const credentials = {
    accessKeyId: process.env.AWS_ACCESS_KEY_ID,
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
    sessionToken: process.env.AWS_SESSION_TOKEN || undefined,
  };
  const virtualHost = given("VIRTUAL_HOST") === "true";
  return {
    args: [...["ENDPOINT", "PUBLIC_ENDPOINT", "REGION", "BUCKET"].flatMap(option), ...(virtualHost ? ["--s3-virtual-host"] : [])],
    env: awsEnvironment(credentials),
    bucket: new Bucket({
      endpoint: given("ENDPOINT"),
      region: given("REGION") ?? "us-east-1",
      bucket: given("BUCKET") ?? "uploads",
      virtualHost,
      credentials,
    }),
    // What was uploaded there must not stay.
    shared: true,
    stop: async () => {},
  };
}

const awsEnvironment = ({ accessKeyId, secretAccessKey, sessionToken }) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
});
