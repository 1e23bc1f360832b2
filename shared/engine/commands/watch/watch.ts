import { listenToKeys } from '../../terminal/keys.ts';
import { Interrupted } from '#shared/terminal/prompt.ts';
import { check } from '../check.ts';
import { nowIn } from '../../terminal/key-or-command.ts';
import { confirmed } from '../../terminal/confirm.ts';
import { runCommand } from '../run-command.ts';
import { changedGivenFiles } from '../../lesson/given-files.ts';
import { gradeLessons } from '../../check/grade-lessons.ts';
import { allLessons, type Lesson } from '../../lesson/lessons.ts';
import { next } from '../../report/print-grades.ts';
import { typeErrors } from '../../check/type-errors.ts';
import { ChecksProcess } from '../../check/process/checks-process.ts';
import { Saves } from './saves.ts';
import { draw, type View } from './screen.ts';

/** How the watch of a lesson ended: with an exit code, or because the person goes on to another lesson. */
type Ended = { code: number } | { lesson: Lesson };

/** Watches one lesson. */
class Watch {
  readonly #lesson: Lesson;
  readonly #checks: ChecksProcess;
  readonly #saves: Saves;
  readonly #view: View;
  readonly #end: (ended: Ended) => void;
  readonly #fail: (error: unknown) => void;
  /** Rejects when the watch itself fails. */
  readonly ended: Promise<Ended>;
  #stopKeys: (() => void) | undefined;
  /** Counts the runs, so that what the compiler said of an older one is not shown. */
  #run = 0;
  /** Whether something else has the terminal: a prompt, or another command. */
  #away = false;
  /** Whether what it has printed is still to be seen, in place of the verdict. */
  #page = false;
  /** Whether the lesson is left: what comes in still is not drawn any more. */
  #over = false;

  constructor(lesson: Lesson) {
    this.#lesson = lesson;
    this.#view = { lesson, grade: undefined, errors: [], changed: [], running: false };
    this.#checks = new ChecksProcess(lesson);
    this.#saves = new Saves(lesson.folder, () => void this.#check().catch(this.#fail));
    let settle: { end: (ended: Ended) => void; fail: (error: unknown) => void };
    this.ended = new Promise((end, fail) => {
      settle = { end, fail };
    });
    this.#end = (ended) => {
      this.#close();
      settle.end(ended);
    };
    this.#fail = (error) => {
      this.#close();
      settle.fail(error);
    };
    process.stdout.on('resize', this.#resized);
    this.#listen();
    this.#check().catch(this.#fail);
  }

  readonly #draw = (): void => {
    if (this.#away || this.#over) return;
    this.#page = false;
    draw(this.#view);
  };

  readonly #resized = (): void => {
    if (!this.#page) this.#draw();
  };

  /** Grades until nothing has changed any more: what is saved during a run is graded after it. */
  async #check(): Promise<void> {
    if (this.#view.running) return;
    this.#view.running = true;
    let changed = this.#saves.taken();
    do {
      const run = (this.#run += 1);
      this.#draw();
      const given = changedGivenFiles();
      const [grade] = await gradeLessons([this.#lesson], 'lessons', () => this.#checks.run(changed));
      this.#view.changed = await given;
      if (this.#over) return;
      this.#view.grade = grade;
      this.#view.errors = [];
      changed = this.#saves.taken();
      if (changed.length === 0) this.#compile(run).catch(this.#fail);
    } while (changed.length > 0);
    this.#view.running = false;
    this.#draw();
  }

  /** Asks the compiler once the verdict is there: it must not wait for that. */
  async #compile(run: number): Promise<void> {
    const errors = await typeErrors();
    const own = errors.filter(({ file }) => file.startsWith(`lessons/${this.#lesson.folder}/`));
    if (run !== this.#run || own.length === 0) return;
    this.#view.errors = own;
    this.#draw();
  }

  #listen(): void {
    this.#stopKeys = listenToKeys((key) => void this.#press(key).catch(this.#fail));
  }

  /** Hands the terminal to something else for a while. */
  async #leaveTo(other: () => Promise<unknown>): Promise<void> {
    this.#away = true;
    this.#stopKeys?.();
    try {
      await other();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      if (error.key === 'Ctrl-C') {
        this.#end({ code: 130 });
        return;
      }
    } finally {
      this.#away = false;
    }
    this.#listen();
  }

  async #press(key: string): Promise<void> {
    const { number } = this.#lesson;
    const show = async (...verb: string[]): Promise<void> => {
      await this.#leaveTo(async () => {
        await runCommand(['lesson', String(number), ...verb]);
        console.log('\nh, v and r work here too. Any other key goes back to the watch.');
      });
      this.#page = true;
    };
    switch (key) {
      case 'h':
        return show('hint');
      case 'v':
        return show('reveal');
      case 'r':
        return show();
      case 'ctrl-c':
        return this.#end({ code: 130 });
      case 'n':
        if (!this.#page) return this.#goOn();
        break;
      case 'q':
      case 'escape':
        if (!this.#page) return this.#end({ code: 0 });
        break;
    }
    return this.#draw();
  }

  /** Goes on to the next lesson; when this one is not done, after a question. */
  async #goOn(): Promise<void> {
    const following = allLessons().find(({ number }) => number === this.#lesson.number + 1);
    if (!following) return;
    let sure = this.#view.grade !== undefined && next(this.#view.grade) === undefined;
    if (!sure) {
      await this.#leaveTo(async () => {
        sure = await confirmed(`Lesson ${this.#lesson.number} is not done. Go on to the next one?`, false);
      });
    }
    if (sure) this.#end({ lesson: following });
    else this.#draw();
  }

  #close(): void {
    this.#over = true;
    process.stdout.off('resize', this.#resized);
    this.#stopKeys?.();
    this.#saves.close();
    this.#checks.close();
  }
}

/**
 * `npm run lesson:N watch`: grades the lesson at each save, and shows the first step that is not done, until the person
 * leaves. Without a terminal there is nobody to leave: then it grades once.
 */
export const watch = async (lesson: Lesson): Promise<number> => {
  if (!process.stdin.isTTY) {
    console.log('Without a terminal nobody could end the watch, so the lesson is graded once.');
    return check([lesson], 'lessons');
  }
  nowIn('watch');
  let current = lesson;
  for (;;) {
    const ended = await new Watch(current).ended;
    if ('code' in ended) return ended.code;
    current = ended.lesson;
  }
};
