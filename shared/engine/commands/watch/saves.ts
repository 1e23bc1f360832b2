import { existsSync, readFileSync, watch, type FSWatcher } from 'node:fs';
import { checksOf, fileOf } from '../../lesson/lessons.ts';
import { halves, inWorkbook } from '../../lesson/paths.ts';
import { answersUsedBy } from '../../check/progress.ts';

/** How long to wait after the last change in a folder, in milliseconds: editors save in several writes. */
const settleMs = 15;

/** How long a file may be missing before that counts as a change, in milliseconds: some editors save by renaming. */
const missingMs = 250;

/** How often to poll, in milliseconds: not every file system reports changes. */
const pollIntervalMs = 1_000;

/**
 * Notices when a lesson's answers are saved, and those of the lessons that it imports. How an editor saves
 * does not matter: a file counts as saved when its text has changed.
 */
export class Saves {
  readonly #folder: string;
  readonly #onSave: () => void;
  #texts = new Map<string, string | undefined>();
  #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #poll: NodeJS.Timeout;

  /** @param onSave - called once a file has changed and the folder has settled */
  constructor(folder: string, onSave: () => void) {
    this.#folder = folder;
    this.#onSave = onSave;
    this.#watchFolders();
    this.taken();
    this.#poll = setInterval(() => this.#look(), pollIntervalMs);
  }

  /** The files that matter, with what is in them now; undefined for one that is not there. */
  #read(): Map<string, string | undefined> {
    const files = [
      checksOf(this.#folder),
      ...answersUsedBy(this.#folder).flatMap((folder) =>
        halves.map((half) => fileOf('lessons', folder, half)),
      ),
    ];
    return new Map(
      files.map((file) => {
        try {
          return [file, readFileSync(file, 'utf8')];
        } catch {
          return [file, undefined];
        }
      }),
    );
  }

  #changed(now: Map<string, string | undefined>): string[] {
    const files = new Set([...now.keys(), ...this.#texts.keys()]);
    return [...files].filter((file) => now.get(file) !== this.#texts.get(file));
  }

  /** @returns the files that have changed since the last time this was asked, as absolute paths */
  taken(): string[] {
    const now = this.#read();
    const changed = this.#changed(now);
    this.#texts = now;
    return changed;
  }

  #watchFolders(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    for (const folder of ['', ...answersUsedBy(this.#folder)]) {
      const path = inWorkbook('lessons', folder);
      if (!existsSync(path)) continue;
      try {
        const watcher = watch(path, () => this.#soon(settleMs));
        // When the folder is deleted its watcher ends; polling finds what comes after.
        watcher.on('error', () => watcher.close());
        this.#watchers.push(watcher);
      } catch {
        // Without a watcher, for example when the system has no more of them, polling finds each save.
      }
    }
  }

  #soon(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), milliseconds);
  }

  #look(): void {
    const now = this.#read();
    const changed = this.#changed(now);
    if (changed.length === 0) return;
    const vanished = changed.filter((file) => now.get(file) === undefined);
    if (vanished.length > 0 && this.#vanished !== vanished.join()) {
      this.#vanished = vanished.join();
      this.#soon(missingMs);
      return;
    }
    this.#vanished = '';
    this.#watchFolders();
    this.#onSave();
  }
  #vanished = '';

  close(): void {
    clearInterval(this.#poll);
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
  }
}
