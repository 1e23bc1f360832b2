import { setTimeout as delay } from 'node:timers/promises';
import { credentials, type ClientReadableStream, type Metadata } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/live_chat.ts';
import type { ChatServiceClient } from '#protos/generated/livechat/ChatService.ts';
import type { Message__Output } from '#protos/generated/livechat/Message.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { reply } from '../grpc/unary-call.ts';

const { ChatService } = loadProto<ProtoGrpcType>('live_chat.proto').livechat;

/** How long to wait before the next server is tried, in milliseconds. */
const pauseMs = 100;

/** How long a message may take until it is heard, in milliseconds. */
const patience = 2_000;

/** Something has not come in time. */
export class Late extends Error {
  override name = 'Late';
}

/** Where somebody is in the chat. */
export interface Place {
  /** The position of the last message that was heard; undefined until a server has said where this one begins. */
  position?: number;
  /** The server that has let this one in last: what is said goes there, too. */
  stub?: ChatServiceClient;
}

/** Somebody who listens, and the servers that can be asked: each one is as good as the others. */
export interface Listener {
  stubs: readonly ChatServiceClient[];
  place: Place;
  onMessage: (message: Message__Output) => void;
  /** Aborted when this one leaves. */
  leaving: AbortSignal;
  /** Waits a moment: it is for the time between two servers. */
  pause: () => Promise<void>;
}

/** A call of ReceiveMessage, as the client has it. */
export type Subscription = ClientReadableStream<Message__Output>;

/**
 * Subscribes at one server. The call is cancelled when the listener leaves.
 *
 * @param metadata - what is sent with the call
 * @param listener - whose place is at this server once it is in
 */
export const subscribe = (
  stub: ChatServiceClient,
  metadata: Metadata,
  { leaving, place }: Pick<Listener, 'leaving' | 'place'>,
): Subscription => {
  const subscription = stub.receiveMessage({}, metadata);
  subscription.once('metadata', () => {
    place.stub = stub;
  });
  const cancel = (): void => subscription.cancel();
  leaving.addEventListener('abort', cancel);
  subscription.once('close', () => leaving.removeEventListener('abort', cancel));
  return subscription;
};

/** Listens until the listener leaves. */
export type Stay = (listener: Listener) => Promise<void>;

/** Somebody in the chat, who listens all the time. */
export class Person {
  readonly name: string;
  readonly heard: Message__Output[] = [];
  /** Set for as long as this one may not go on at another server. */
  isHeld = false;
  readonly #stubs: ChatServiceClient[];
  readonly #place: Place = {};
  readonly #leaving = new AbortController();
  readonly #staying: Promise<void>;
  #isAway = false;
  #failure: unknown;

  /**
   * @param addresses - the servers, in the order in which this one tries them
   * @param stay - the lesson's
   * @param onMessage - called with each message that is heard
   */
  constructor(
    name: string,
    addresses: readonly string[],
    stay: Stay,
    onMessage: (message: Message__Output) => void = () => {},
  ) {
    this.name = name;
    this.#stubs = addresses.map((address) => new ChatService(address, credentials.createInsecure()));
    const listener: Listener = {
      stubs: this.#stubs,
      place: this.#place,
      onMessage: (message) => {
        this.heard.push(message);
        onMessage(message);
      },
      leaving: this.#leaving.signal,
      pause: () => this.#pause(),
    };
    this.#staying = stay(listener).catch((error: unknown) => {
      this.#failure = error;
    });
  }

  async #pause(): Promise<void> {
    this.#isAway = true;
    const { signal } = this.#leaving;
    do {
      // A wait that is aborted is over; nobody is told.
      await delay(pauseMs, undefined, { signal }).catch(() => {});
    } while (this.isHeld && !signal.aborted);
  }

  /** Resolves when this one has lost a server. */
  isAway(): Promise<void> {
    return this.#until(() => this.#isAway, 'has not left its server');
  }

  /** @throws what `stay` was rejected with */
  async #until(isSo: () => boolean, what: string): Promise<void> {
    for (const late = performance.now() + patience; !isSo(); await delay(5)) {
      if (this.#failure !== undefined) throw this.#failure;
      if (performance.now() > late)
        throw new Late(`${this.name} ${what} within ${patience / 1_000} seconds.`);
    }
  }

  /** Resolves when a server has let this one in. */
  isIn(): Promise<void> {
    return this.#until(() => this.#place.position !== undefined, 'was not told where the chat begins');
  }

  /** Resolves when so many messages were heard; or, with `of`, so many by that one. */
  hears(count: number, of?: string): Promise<void> {
    const heard = (): number => this.heard.filter(({ user_name }) => user_name === (of ?? user_name)).length;
    return this.#until(() => heard() >= count, `has not heard message ${count}`);
  }

  /**
   * Says something, at the server where this one listens.
   *
   * @throws ServiceError when nobody has acknowledged it: the others may hear it, or not. It is not said again by itself
   */
  async say(text: string): Promise<void> {
    const stub = this.#place.stub ?? this.#stubs[0]!;
    await reply((options, done) => stub.sendMessage({ user_name: this.name, text }, options, done));
  }

  /** Resolves, or is rejected, when the subscription is over. */
  async over(): Promise<void> {
    await this.#staying;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Leaves the chat. */
  async leave(): Promise<void> {
    this.#leaving.abort();
    await this.#staying;
    for (const stub of this.#stubs) stub.close();
  }
}
