/**
 * @param seconds - how long a connection may live, as typed; 0 for as long as it likes
 * @returns the options of a server whose connections end then, a tenth earlier or later: so a client looks its name up anew
 * @throws Error when it is no number of seconds
 */
export const ageOf = (seconds: string): { 'grpc.max_connection_age_ms'?: number } => {
  if (!/^\d+(?:\.\d+)?$/.test(seconds)) {
    throw new Error(`--age should be a number of seconds, such as 2, or 0; it is "${seconds}".`);
  }
  return Number(seconds) === 0 ? {} : { 'grpc.max_connection_age_ms': Number(seconds) * 1_000 };
};
