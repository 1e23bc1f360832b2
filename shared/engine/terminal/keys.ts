import { emitKeypressEvents } from 'node:readline';

/**
 * Listens to single keys of the terminal, without Enter.
 *
 * @param onKey - called with the key's name: a letter, `return`, `escape`, or `ctrl-c`
 * @returns ends it, and gives the terminal back as it was
 */
export const listenToKeys = (onKey: (key: string) => void): (() => void) => {
  const { stdin } = process;
  const take = (text: string | undefined, key: { name?: string; ctrl?: boolean } | undefined): void => {
    if (key?.ctrl) onKey(`ctrl-${key.name}`);
    else onKey(key?.name ?? text ?? '');
  };
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.on('keypress', take);
  stdin.resume();
  return () => {
    stdin.off('keypress', take);
    stdin.setRawMode(false);
    stdin.pause();
  };
};
