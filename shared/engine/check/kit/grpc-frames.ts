/** What gRPC puts on HTTP/2, for peers that are made without grpc-js. */

/** What stands before each message: whether it is compressed, and its length; in bytes. */
const headLength = 5;

/** What a frame says about its message; by default the truth. */
interface FrameHead {
  /** The byte that says whether it is compressed. */
  flag?: number;
  /** The length that is declared, in bytes. */
  length?: number;
}

/** @returns a message with the 5 bytes before it that gRPC asks for */
export const frame = (message: Uint8Array, { flag = 0, length = message.length }: FrameHead = {}): Buffer => {
  const head = Buffer.alloc(headLength);
  head.writeUInt8(flag);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
};

/** @returns the messages that have come in full */
export const messagesIn = (bytes: Buffer): Buffer[] => {
  const messages: Buffer[] = [];
  for (let at = 0; at + headLength <= bytes.length;) {
    const end = at + headLength + bytes.readUInt32BE(at + 1);
    if (end > bytes.length) break;
    messages.push(bytes.subarray(at + headLength, end));
    at = end;
  }
  return messages;
};

/** @returns the status that headers or trailers bring; undefined when they bring none */
export const statusIn = (headers: Record<string, unknown>): { code: number; details: string } | undefined => {
  const code = headers['grpc-status'];
  if (code === undefined) return undefined;
  return { code: Number(code), details: decodeURIComponent(String(headers['grpc-message'] ?? '')) };
};
