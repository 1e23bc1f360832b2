import {
  Client,
  credentials,
  Metadata,
  status,
  type ChannelCredentials,
  type ClientDuplexStream,
  type StatusObject,
} from '@grpc/grpc-js';
import { methodAt } from './contracts.ts';

/** A message that came, by the names of its fields. */
export type Message = Record<string, unknown>;

/** How a client is connected, where the usual way will not do. */
interface Connection {
  /** For a connection with TLS: the server's certificate has to name localhost. */
  secure?: ChannelCredentials;
  /** How long a call of `ask` may take, in milliseconds; for ever by default. */
  timeoutMs?: number;
}

/** Calls the methods of any service, by their paths, such as `/hello.Hello/hello`. */
export class ServiceClient {
  /** What is sent along with each call. */
  readonly metadata = new Metadata();
  readonly #client: Client;
  readonly #calls = new Set<ClientDuplexStream<object, Message>>();
  readonly #timeoutMs: number;

  constructor(address: string, { secure, timeoutMs = Infinity }: Connection = {}) {
    this.#timeoutMs = timeoutMs;
    // A connection of its own: grpc-js would share it with others in this process.
    this.#client = new Client(address, secure ?? credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      ...(secure && { 'grpc.ssl_target_name_override': 'localhost' }),
    });
  }

  /** Opens a call of any kind: the kinds differ in how many messages there are, and not on the wire. */
  open(path: string, options = {}): ClientDuplexStream<object, Message> {
    const { requestSerialize, responseDeserialize } = methodAt(path);
    const call = this.#client.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize as (bytes: Buffer) => Message,
      this.metadata,
      options,
    );
    this.#calls.add(call);
    call.on('status', () => this.#calls.delete(call));
    return call;
  }

  /**
   * Makes a call of any kind to its end.
   *
   * @param requests - what is sent; then the half is closed
   * @returns the replies
   * @throws ServiceError when it ends with another status than OK
   */
  ask(path: string, ...requests: object[]): Promise<Message[]> {
    const options = { deadline: Date.now() + this.#timeoutMs };
    const { requestStream, responseStream, requestSerialize, responseDeserialize } = methodAt(path);
    return new Promise((resolve, reject) => {
      if (!requestStream && !responseStream) {
        this.#client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize as (bytes: Buffer) => Message,
          requests[0]!,
          this.metadata,
          options,
          (error, reply) => (error ? reject(error) : resolve([reply!])),
        );
        return;
      }
      const call = this.open(path, options);
      const replies: Message[] = [];
      call.on('data', (reply: Message) => replies.push(reply));
      call.on('error', reject);
      call.on('status', ({ code }: StatusObject) => {
        if (code === status.OK) resolve(replies);
      });
      for (const request of requests) call.write(request);
      call.end();
    });
  }

  /** Cancels the calls that are still open: closing the client alone would leave them as they are. */
  close(): void {
    for (const call of this.#calls) call.cancel();
    this.#client.close();
  }
}
