// What the stores can do, as measured on each. A test whose store cannot do what it is about runs as another one, which is
// named after what happens there instead.

const EVERYTHING = {
  /** A PUT with `if-none-match: *` writes nothing where there is an object. */
  conditionalWrites: true,
  /** So does a CompleteMultipartUpload. */
  conditionalCompletes: true,
  /** `x-amz-checksum-*` of a PUT or a part is compared with its bytes. */
  checksums: true,
  /** A checksum of the whole object, sent with CompleteMultipartUpload, is compared with its bytes. */
  fullObjectChecksums: true,
  /** The demo takes a policy that asks for such a checksum. */
  fullObjectPolicies: true,
  /** A part of less than 5 MiB, unless it is the last, makes CompleteMultipartUpload fail. */
  smallestParts: true,
  /** ListMultipartUploads tells of every upload below a prefix, and not only where the prefix is the very key. */
  uploadsByPrefix: true,
  /** A form with a signed policy (POST Object) is taken. */
  forms: true,
  /** An error says which request it answers. */
  errorRequestIds: true,
  /** `x-amz-copy-source` that nobody signed copies nothing. */
  refusesUnsignedCopies: true,
  /** `x-amz-acl` that nobody signed makes nothing public. */
  refusesUnsignedAcls: true,
  /** `x-amz-tagging` and `x-amz-storage-class` that nobody signed are refused. */
  refusesUnsignedSettings: true,
  /** An object's `ETag` and its time are the store's own to say, whatever `x-minio-source-etag` and `x-minio-source-mtime` say. */
  ownEtags: true,
  /** A field of a form that names more keys to write to (`x-minio-fanout-list`) is refused like any that was not signed. */
  refusesFanOut: true,
  /** A body whose checksum follows it (`STREAMING-UNSIGNED-PAYLOAD-TRAILER`) needs a signature like any other. */
  verifiesTrailers: true,
  /** A URL that was changed is refused as SignatureDoesNotMatch, and not just as AccessDenied. */
  signatureErrors: true,
};

const ENGINES = {
  aws: EVERYTHING,
  embedded: EVERYTHING,
  minio: { ...EVERYTHING, refusesUnsignedCopies: false, refusesUnsignedSettings: false, ownEtags: false, refusesFanOut: false, verifiesTrailers: false, uploadsByPrefix: false },
  garage: { ...EVERYTHING, conditionalWrites: false, conditionalCompletes: false, fullObjectPolicies: false, smallestParts: false, errorRequestIds: false, signatureErrors: false },
  r2: { ...EVERYTHING, forms: false, conditionalCompletes: false },
  ceph: { ...EVERYTHING, refusesUnsignedCopies: false, refusesUnsignedAcls: false, conditionalCompletes: false, checksums: false, fullObjectChecksums: false, fullObjectPolicies: false },
  swift: { ...EVERYTHING, forms: false, conditionalWrites: false, checksums: false, fullObjectChecksums: false, fullObjectPolicies: false },
};

/** The engine that this run of the tests is about. */
export function engine() {
  const { PRESIGN_STORE: store, PRESIGN_S3_ENGINE: given = "aws" } = process.env;
  const name = store === "given" ? given : store;
  if (!Object.hasOwn(ENGINES, name ?? "")) throw new Error(`there is no store \`${name}\`: PRESIGN_STORE and, for a given one, PRESIGN_S3_ENGINE`);
  return name;
}

/** What it can do. */
export const can = ENGINES[engine()];
