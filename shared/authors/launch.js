// Every command of authors begins here: from the first line on, TypeScript can be loaded.
const { settleGrpcEnvironment } = await import('../engine/loading/grpc-environment.js');
settleGrpcEnvironment();
await import('../engine/loading/typescript-loader.js');
await import('./cli.ts');
