/**
 * Ends the program without a word when whoever reads its output has gone, as `head` does after some lines; and when
 * nothing can be written at all, because there is nowhere to say so. Node would end it with a stack trace.
 */
export const quietWhenClosed = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      process.exit(error.code === 'EPIPE' ? 0 : 1);
    });
  }
};
