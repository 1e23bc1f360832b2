// Loads lessons' files as a run does, and says which of them cannot be loaded. Its arguments are the lessons' folders.
await import('../../loading/typescript-loader.js');
await import('./load-main.ts');
