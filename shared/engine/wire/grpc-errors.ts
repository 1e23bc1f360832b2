/** What grpc-js and Node.js throw when they are used wrongly, in their own words, and what those words mean. */
const meanings: readonly [RegExp, string][] = [
  [
    /^Incorrect arguments passed$/,
    'a method of a stub takes the request, options if you like, and a callback in the end; it returns no promise',
  ],
  [
    /^addService\(\) requires two objects as arguments$/,
    'it takes the service of the contract, such as Hello.service, and an object with a handler for each method',
  ],
  [
    /^Channel credentials must be a ChannelCredentials object$/,
    'a stub takes the address and credentials, such as credentials.createInsecure()',
  ],
  [
    /^(?:creds must be a ServerCredentials object|credentials must be a ServerCredentials object)$/,
    'bindAsync takes the address, ServerCredentials.createInsecure(), and a callback',
  ],
  [/^port must be a string$/, 'bindAsync takes the whole address as a text, such as 127.0.0.1:50051'],
  [/^callback must be a function$/, 'it tells its outcome to a callback, which comes last'],
  [
    /^The operation was aborted$/,
    'a wait that was given a signal rejects when the signal is aborted: catch that, it is how the wait ends',
  ],
  [
    /^Channel has been shut down$/,
    'its stub was closed before this call: a stub is closed behind its last call',
  ],
  [/^call\.close is not a function$/, 'a client closes its stub; a handler ends its stream with call.end()'],
  [/^require is not a function$/, 'an ES module has no require: write import … from …'],
  [
    /\.checkOptionalUnaryResponseArguments|'checkOptionalUnaryResponseArguments'|'checkMetadataAndOptions'/,
    'a method was called without its stub: call it as stub.method(…)',
  ],
];

/** @returns what it means, when it is one for wrong use; else undefined */
export const meaningOf = (message: string): string | undefined =>
  meanings.find(([pattern]) => pattern.test(message))?.[1];
