/**
 * Ends the program without a word when whoever reads its output has gone, as `head` does after some lines.
 * Node would end it with a stack trace.
 */
export const quietWhenClosed = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(0);
    });
  }
};
