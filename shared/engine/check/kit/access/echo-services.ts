/** The services of accounts with handlers of the check's own: each answers with what it is asked. */
import type { MethodDefinition, ServerDuplexStream, StatusObject } from '@grpc/grpc-js';
import type { ProtoGrpcType as HelloTypes } from '#protos/generated/hello.ts';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { Served } from '#shared/grpc/serve.ts';
import { UserService } from '../users/service.ts';

const { Hello } = loadProto<HelloTypes>('hello.proto').hello;
export const { ChatService } = loadProto<LiveChat>('live_chat.proto').livechat;
export const { PhoneOTPService } = loadProto<PhoneOtp>('phoneotp.proto').phoneotp;

type Methods = Record<string, MethodDefinition<object, object>>;
const services = [UserService, ChatService, PhoneOTPService, Hello].map(
  ({ service }) => service as unknown as Methods,
);

/** Every method of these services, by its name. */
export const methods: Methods = Object.assign({}, ...services);

/** A call of any kind, as its handler gets it. */
export type HandlerCall = ServerDuplexStream<object, object> & { request: object };
type Callback = (error: Partial<StatusObject> | null, reply?: object) => unknown;

/**
 * Each answers with what it is asked. What a server alone streams goes on until somebody ends it.
 *
 * @param begins - is told of each call as its handler begins, and may give a status to refuse it with
 * @returns the services
 */
export const echoServices = (
  begins: (method: string, call: HandlerCall) => Partial<StatusObject> | undefined,
): Served[] =>
  services.map((service) => {
    const handlers: Record<string, (call: HandlerCall, callback?: Callback) => void> = {};
    for (const [name, { requestStream }] of Object.entries(service)) {
      handlers[name] = (call, callback) => {
        const refused = begins(name, call);
        const end: Callback = callback ?? ((error) => (error ? call.emit('error', error) : call.end()));
        if (refused) end(refused);
        else if (requestStream)
          call.on('end', () => end(null, {})).on('data', (each) => callback ?? call.write(each));
        else if (callback) callback(null, call.request);
        else call.write(call.request);
      };
    }
    return { service, handlers: handlers as never };
  });
