// Begins the process of checks. Vitest comes before what lets TypeScript be loaded, which would look at each of its
// many files, for half a second.
await import('vitest/node');
await import('../../loading/typescript-loader.js');
await import('./checks-main.ts');
