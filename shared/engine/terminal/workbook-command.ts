import { Command, Option } from 'commander';
import { UsageError } from './usage-error.ts';

/** What may stand behind a command, before its flags. */
const wordsOf = (command: Command): string[] => {
  const words = command.createHelp().visibleCommands(command);
  const places = command.registeredArguments.map((each) => {
    const place = (each.argChoices?.join(' | ') ?? each.name()) + (each.variadic ? ' …' : '');
    return each.required ? `<${place}>` : `[${place}]`;
  });
  return words.length > 0 ? [`[${words.map((word) => word.name()).join(' | ')}]`] : places;
};

/** How a command is typed, in one line. npm hands on what stands behind `--`. */
const usageOf = (command: Command): string => {
  const flags = command.options.filter(({ hidden }) => !hidden).map((option) => `[${option.flags}]`);
  const before = command.parent ? `${command.parent.name()} ` : '';
  return [before + command.name(), ...wordsOf(command), ...(flags.length > 0 ? ['--', ...flags] : [])].join(
    ' ',
  );
};

/** A command of commander that ends with an exit code, and with a UsageError when it is typed wrongly. */
export class WorkbookCommand extends Command {
  constructor(name?: string) {
    super(name);
    this.exitOverride()
      .helpOption('-h, --help', 'this text')
      .configureHelp({
        commandUsage: usageOf,
        subcommandTerm: (command) => [command.name(), ...wordsOf(command)].join(' '),
      })
      // It is `colour.js` that looks for it.
      .addOption(new Option('--no-color').hideHelp());
  }

  override createCommand(name?: string): WorkbookCommand {
    return new WorkbookCommand(name);
  }

  /** @param name - the word by which it is asked for, and what may stand behind it */
  word(name: string, text: string): WorkbookCommand {
    return (this.command(name) as WorkbookCommand).description(text);
  }

  /** @param run - takes the words behind the command, its flags and itself, as commander's own `action`; returns the exit code */
  runs(run: (...args: any[]) => number | Promise<number>): this {
    return this.action(async (...args) => {
      process.exitCode = await run(...args);
    });
  }

  override error(message: string): never {
    const said = message
      .replace(/^error: /, '')
      // Commander's own words for the value of a flag, at whose end stands what its parser has thrown.
      .replace(/^option '(--[\w-]+).*?' argument '(.*)' is invalid\. /s, '"$2" is no value for $1. ')
      .replace(/^option '(--[\w-]+).*' argument missing$/, '$1 needs a value behind it.');
    throw new UsageError(`${said}\nUsage: ${usageOf(this)}`);
  }
}
