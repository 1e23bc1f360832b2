import type { Lesson } from './lessons.ts';

/** A word that one lesson understands beside those of every lesson: `npm run lesson:10 certs`. */
export interface Verb {
  /** What it does, for the help. */
  help: string;
  /** Does it, and returns the exit code. It takes no flags. */
  run: () => Promise<number>;
}

/** The words of each lesson that has some of its own. What they do lies beside what it is about, and is loaded late. */
const own: Readonly<Record<string, Readonly<Record<string, Verb>>>> = {
  '10-secure-connection': {
    certs: {
      help: 'make or renew the certificates',
      run: async () => (await import('../certificates/certs.ts')).certs(),
    },
  },
};

/** @returns the words that this lesson alone understands, by name */
export const verbsOf = ({ folder }: Pick<Lesson, 'folder'>): Readonly<Record<string, Verb>> =>
  own[folder] ?? {};
