import type { Options } from '@grpc/proto-loader';

/**
 * How every contract in `protos/` is read: by the loader at run time and by `npm run generate`
 * when it writes the types. The two must agree, or the types describe messages that never come.
 */
export const protoOptions = {
  /** Field names stay as the contract writes them: a field in another case would be dropped in silence. */
  keepCase: true,
  /** 64-bit integers are strings: a JavaScript number is exact only up to 2^53. */
  longs: String,
  /** Enum values are their names. */
  enums: String,
  /** A field that was not sent is there all the same, with its default value. */
  defaults: true,
  /** For a `oneof`, its name holds which of its fields was sent. */
  oneofs: true,
} as const satisfies Options;
