/** Fields and metadata that hold secrets: their values must not be in any log. */
const secrets = new Set(['otp', 'access_token', 'authorization']);

/** @returns the message or metadata with words in place of what is secret, at any depth */
export const redacted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, secrets.has(key) ? '(not logged)' : redacted(inner)]),
  );
};
