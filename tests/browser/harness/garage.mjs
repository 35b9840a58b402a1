// Garage, started for one run of the tests, on ports of its own, with its data in a temporary folder. It sets up a cluster of
// one node, a key and a bucket before it listens.
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "./folder.mjs";
import { onFreePorts } from "./ports.mjs";
import { answers, end, start } from "./processes.mjs";

const REGION = "garage";

/** Starts the program of the environment variable GARAGE_BIN, with an empty bucket of this name. */
export async function startGarage(bucket) {
  const program = process.env.GARAGE_BIN;
  if (!program) throw new Error("GARAGE_BIN must name the program `garage`");
  const folder = await temporaryFolder("garage");
  // What its keys have to look like.
  const credentials = { accessKeyId: `GK${randomBytes(12).toString("hex")}`, secretAccessKey: randomBytes(32).toString("hex") };
  const { server, endpoint } = await onFreePorts(2, async ([port, rpcPort]) => {
    const config = join(folder.path, "garage.toml");
    await writeFile(config, settings(folder.path, port, rpcPort), { mode: 0o600 });
    const server = start(program, ["server", "--single-node", "--default-bucket"], {
      ...process.env,
      GARAGE_CONFIG_FILE: config,
      GARAGE_DEFAULT_ACCESS_KEY: credentials.accessKeyId,
      GARAGE_DEFAULT_SECRET_KEY: credentials.secretAccessKey,
      GARAGE_DEFAULT_BUCKET: bucket,
      RUST_LOG: "garage=warn",
    });
    const endpoint = `http://127.0.0.1:${port}`;
    await answers(server, endpoint);
    return { server, endpoint };
  });
  const stop = async () => {
    await end(server, "SIGKILL"); // asked to, it takes seconds over it, and its data goes anyway
    folder.remove();
  };
  return { endpoint, region: REGION, credentials, stop };
}

const settings = (folder, port, rpcPort) => `
metadata_dir = ${JSON.stringify(join(folder, "meta"))}
data_dir = ${JSON.stringify(join(folder, "data"))}
db_engine = "sqlite"
replication_factor = 1
rpc_bind_addr = "127.0.0.1:${rpcPort}"
rpc_public_addr = "127.0.0.1:${rpcPort}"
rpc_secret = "${randomBytes(32).toString("hex")}"

[s3_api]
s3_region = "${REGION}"
api_bind_addr = "127.0.0.1:${port}"
`;
