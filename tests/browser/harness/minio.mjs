// A MinIO of the tests' own, on loopback, with its data in a temporary folder.
import { randomBytes } from "node:crypto";
import { temporaryFolder } from "./folder.mjs";
import { freePorts } from "./ports.mjs";
import { answers, end, start } from "./processes.mjs";

/** Starts the program of the environment variable MINIO_BIN. */
export async function startMinio() {
  const program = process.env.MINIO_BIN;
  if (!program) throw new Error("MINIO_BIN must name the program `minio`");
  const folder = await temporaryFolder("minio");
  const credentials = { accessKeyId: "tests", secretAccessKey: randomBytes(20).toString("hex") };
  const [port, consolePort] = await freePorts(2);
  const server = start(
    program,
    ["server", "--quiet", "--address", `127.0.0.1:${port}`, "--console-address", `127.0.0.1:${consolePort}`, folder.path],
    { ...process.env, MINIO_ROOT_USER: credentials.accessKeyId, MINIO_ROOT_PASSWORD: credentials.secretAccessKey },
  );
  const endpoint = `http://127.0.0.1:${port}`;
  // It is alive for a while before it takes requests, and answers 503 then.
  await answers(server, endpoint, status => status !== 503);
  const stop = async () => {
    await end(server);
    folder.remove();
  };
  return { endpoint, region: "us-east-1", credentials, stop };
}
