// A MinIO of the tests' own, on loopback, with its data in a temporary folder.
import { randomBytes } from "node:crypto";
import { AwsClient } from "aws4fetch";
import { temporaryFolder } from "./folder.mjs";
import { onFreePorts } from "./ports.mjs";
import { answers, end, start } from "./processes.mjs";

/** Starts the program of the environment variable MINIO_BIN. */
export async function startMinio() {
  const program = process.env.MINIO_BIN;
  if (!program) throw new Error("MINIO_BIN must name the program `minio`");
  const folder = await temporaryFolder("minio");
  const credentials = { accessKeyId: "tests", secretAccessKey: randomBytes(20).toString("hex") };
  const { server, endpoint } = await onFreePorts(2, async ([port, consolePort]) => {
    const server = start(
      program,
      ["server", "--quiet", "--address", `127.0.0.1:${port}`, "--console-address", `127.0.0.1:${consolePort}`, folder.path],
      { ...process.env, MINIO_ROOT_USER: credentials.accessKeyId, MINIO_ROOT_PASSWORD: credentials.secretAccessKey },
    );
    const endpoint = `http://127.0.0.1:${port}`;
    // It is alive for a while before it takes requests, and answers 503 then.
    await answers(server, endpoint, status => status !== 503);
    return { server, endpoint };
  });
  const stop = async () => {
    await end(server);
    folder.remove();
  };
  return { endpoint, region: "us-east-1", credentials, stop };
}

/** Temporary credentials that may put objects into the bucket, and nothing else. */
export async function writeOnly({ endpoint, region, bucket, credentials }) {
  const statement = { Effect: "Allow", Action: ["s3:PutObject"], Resource: [`arn:aws:s3:::${bucket}/*`] };
  const client = new AwsClient({ ...credentials, region, service: "sts", retries: 0 });
  const body = new URLSearchParams({
    Action: "AssumeRole",
    Version: "2011-06-15",
    DurationSeconds: "3600",
    Policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
  }).toString();
  const answer = await client.fetch(`${endpoint}/`, { method: "POST", body, headers: { "content-type": "application/x-www-form-urlencoded" } });
  const xml = await answer.text();
  if (!answer.ok) throw new Error(`AssumeRole: ${answer.status} ${xml}`);
  const value = name => new RegExp(`<${name}>([^<]+)<`).exec(xml)[1];
  return { accessKeyId: value("AccessKeyId"), secretAccessKey: value("SecretAccessKey"), sessionToken: value("SessionToken") };
}
