/** Lesson 1's server with no engine around it. Its command line: the address to listen on. */
import { start } from '#answers/01-unary-hello/server.ts';

await start(process.argv[2]!);
