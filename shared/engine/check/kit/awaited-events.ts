/** Something that happens once, and that a check waits for. */
export interface Signal<T> {
  sent: Promise<T>;
  send(value: T): void;
}

/** @returns a signal that has not been sent yet */
export const signal = <T = void>(): Signal<T> => {
  let send = (_value: T): void => {};
  const sent = new Promise<T>((resolve) => {
    send = resolve;
  });
  return { sent, send };
};

/** @returns names that cannot be read: whoever asks for the first one gets the reason */
export const unreadable = (reason: Error): AsyncIterable<string> => {
  const fail = (): Promise<never> => Promise.reject(reason);
  return { [Symbol.asyncIterator]: () => ({ next: fail }) };
};

/** A person who types names, one by one, when the check says so. */
export interface Typist {
  typed: AsyncIterable<string>;
  /** Types the next name; after the last one, ends the input. */
  next(): void;
  /** Types all that is left, and ends the input. */
  all(): void;
}

/** @returns a typist for these names */
export const namesOf = (...names: string[]): Typist => {
  const turns = [...names, undefined].map(() => signal());
  let turn = 0;
  const next = (): void => turns[turn++]?.send();
  async function* type(): AsyncGenerator<string, void> {
    for (const [index, { sent }] of turns.entries()) {
      await sent;
      const name = names[index];
      if (name !== undefined) yield name;
    }
  }
  return {
    typed: type(),
    next,
    all: () => {
      while (turn < turns.length) next();
    },
  };
};
