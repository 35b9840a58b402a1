// Uploads in parts, as small as stores take them, and what of them passes the proxy.

/** Bytes of a part. */
export const PART = 5 * 1024 ** 2;

/** Files of at least so many bytes go in parts. */
export const THRESHOLD = 6 * 1024 ** 2;

/** So the demo is told. */
export const IN_PARTS = ["--part-size", String(PART), "--multipart-threshold", String(THRESHOLD)];

/** The sizes of the parts of a file. */
export const partsOf = size => Array.from({ length: Math.ceil(size / PART) }, (_, index) => Math.min(PART, size - index * PART));

/** The attempts to send the file of this key, or parts of it, in their order; of one key, or of all. */
export const puts = ({ requests }, key) =>
  requests.filter(({ method, path }) => method === "PUT" && (key === undefined || decodeURIComponent(path).endsWith(`/${key}`)));

/** The numbers of the parts, one for each attempt, in ascending order. */
export const numbers = entries => entries.map(({ query }) => Number(query.partNumber)).sort((one, other) => one - other);

/** What the demo says to the store to make an upload an object. */
export const isComplete = ({ method, query }) => method === "POST" && query.uploadId !== undefined;
